"""Minutes, agendas and reports name parties and record votes as facts.

Ends at an imprint, at calls to vote, join or give, and at one such call in what the judge is sure is a campaign's.

Source: Manchester s3.2 (facts and record); Lancashire s2.1(d).
"""

from __future__ import annotations

from collections.abc import Mapping

from mailguard.defences._shared import campaign_material, found
from mailguard.defences.defence import Defence
from mailguard.mail.evidence import Confidence, Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import OWN, SELF, Scan

_ENDS = frozenset({"vote", "join", "donate"})


class Minutes(Defence):
    """Three distinct marks of minutes or agendas, and fewer kinds of appeal than two."""

    name = "minutes"
    source = "Manchester s3.2; Lancashire s2.1(d)"
    wakes = (SELF,)

    @property
    def patterns(self) -> Mapping[str, str]:
        """Marks of minutes, English and Welsh."""
        return {"mark": phrases(self.words.get("minutes", ()))}

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """A leaflet among the papers ends it."""
        marks = {span.matched for span in scan.spans("minutes.mark", OWN)}
        appeals = {item.kind for item in scan.found("campaign_appeal")} & _ENDS
        if len(marks) < 3 or len(appeals) > 1 or campaign_material(scan):
            return None
        if appeals and found(scan, "party_political", Confidence.HIGH):
            return None
        return Exemption(self.name, f"It bears {len(marks)} marks of minutes, an agenda or a report.")

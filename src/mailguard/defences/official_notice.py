"""Official notices of elections, registration and the pre-election period are facts anybody may send (POL-3).

Ends where the mail persuades: an imprint, an appeal for one side, a high score. Sources: Manchester s3.2; LAW-2.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailguard.defences._shared import campaign_material, found
from mailguard.defences.defence import Defence
from mailguard.mail.evidence import Confidence, Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import OWN, SELF, Scan

_ENDS = frozenset({"slogan", "party_attack", "party_link", "party_petition", "candidate_promotion"})


class OfficialNotice(Defence):
    """Two distinct marks of a notice, and nothing that takes a side."""

    name = "official_notice"
    source = "Manchester s3.2 (POL-3); notices under the election rules (LAW-2)"
    wakes = (SELF,)

    @property
    def patterns(self) -> Mapping[str, str]:
        """Words of notices, English and Welsh."""
        return {"notice": phrases(self.words.get("official_notice", ()))}

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """Marks are counted distinct."""
        marks = {span.matched for span in scan.spans("official_notice.notice", OWN)}
        if len(marks) < 2 or campaign_material(scan) or found(scan, "party_political", Confidence.HIGH):
            return None
        sides = {item.rule for item in scan.found("political")} & _ENDS
        if len(sides) > 1 or (sides and len(marks) < 4):
            return None
        return Exemption(self.name, f"It bears {len(marks)} marks of an official notice and takes no side.")

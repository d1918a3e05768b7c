"""Sees a campaign leaflet: an attachment or forwarded text that bears several kinds of campaign evidence.

Law: it adds up what other rules found in one place; it looks for nothing itself. An added comment on a
forwarded leaflet is no defence, so forwarded texts count as the sender's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import ClassVar

from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.rules._political import Political

_MATERIAL = frozenset({"campaign_appeal", "candidate_promotion", "slogan", "party_attack", "party_link"})


class CampaignLeaflet(Political):
    """HIGH where the place bears an imprint; else LOW, for the judge weighs the text itself."""

    name = "campaign_leaflet"
    source = "Lancashire s6c(ii); Manchester s2, s6.2.3 (POL-2)"
    wakes = ("political",)
    rank = 2
    gate = r"\z."
    hits: ClassVar[tuple[str, ...]] = ()
    misses: ClassVar[tuple[str, ...]] = ("The leaflet on recycling is attached.",)

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """One finding a place that is attached or forwarded."""
        places = {text.where for text in mail.contents.texts if text.layer in {Layer.ATTACHMENT, Layer.FORWARDED}}
        kinds: dict[str, set[str]] = defaultdict(set)
        for item in scan.found(self.family):
            if item.where in places:
                kinds[item.where].add(f"{item.rule}.{item.kind}")
        for where, seen in kinds.items():
            imprint = "imprint.imprint" in seen
            material = {name for name in seen if name.partition(".")[0] in _MATERIAL}
            if imprint or len(material) >= 3:
                why = (
                    "A campaign leaflet: it bears an imprint."
                    if imprint
                    else f"It looks like a campaign leaflet: {len(material)} kinds of campaign evidence in one place."
                )
                level = Confidence.HIGH if imprint else Confidence.LOW
                yield self.finding(where, level, why, count=max(1, len(material)), kind="leaflet")

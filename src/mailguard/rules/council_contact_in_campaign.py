"""Sees the council's address or telephone inside campaign material, at any time of year (POL-2).

Law: it looks into bodies and attachments, never at the From address; campaign material must be shown by other
rules first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from mailguard.mail.contents import Layer, Text
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import OWN, Scan
from mailguard.rules._political import Political

_PLACES = OWN | {Layer.FORWARDED}
_STRONG = frozenset({"campaign_leaflet", "imprint", "party_political"})


class CouncilContactInCampaign(Political):
    """MEDIUM where the place is campaign material by imprint or leaflet; LOW where only appeals stand there."""

    name = "council_contact_in_campaign"
    source = "Lancashire s6c(ii); Manchester s5.3, s6.2.3; Walsall schedule (POL-2)"
    wakes = ("political",)
    rank = 95
    gate = r"\z."
    hits: ClassVar[tuple[str, ...]] = ()
    misses: ClassVar[tuple[str, ...]] = ("Ring the council on 01632 960100 or write to help@council.example.",)

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Last but for nothing: the judge has spoken by now."""
        evidence = scan.found(self.family)
        strong = {item.where for item in evidence if item.rule in _STRONG and item.confidence >= Confidence.MEDIUM}
        weak = {item.where for item in evidence if item.rule in {"campaign_appeal", "candidate_promotion"}}
        if not strong and not weak:
            return
        for text in mail.contents.texts:
            if text.layer not in _PLACES or text.where not in strong | weak:
                continue
            contacts = _contacts(text, mail.council.domains, mail.council.phones)
            if contacts:
                level = Confidence.HIGH if text.where in strong else Confidence.LOW
                why = "A council address or telephone number stands inside campaign material."
                yield self.finding(text.where, level, why, things=contacts, kind="contact")


def _contacts(text: Text, domains: tuple[str, ...], phones: tuple[str, ...]) -> list[str]:
    """Addresses at the council's domains, and numbers that begin with one of its ranges (digits compared)."""
    found = []
    for domain in domains:
        found += re.findall(rf"[\w.+-]{{1,64}}@(?:[\w-]{{1,40}}\.){{0,3}}{re.escape(domain)}\b", text.folded)
    for number in re.findall(r"(?:\+44|0)[\d ()-]{8,16}\d", text.folded) if phones else ():
        digits = re.sub(r"\D", "", number.replace("+44", "0"))
        if any(digits.startswith(re.sub(r"\D", "", phone.replace("+44", "0"))) for phone in phones):
            found.append(number)
    return found

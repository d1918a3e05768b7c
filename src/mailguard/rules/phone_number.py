"""Finds UK telephone numbers of people. Law: alone it is low; many private mobiles with nothing else, medium.

Source: Ofcom National Telephone Numbering Plan (01, 02, 07 and +44; 03 and 08 are organisations'); SEC-1. The
sender's signature, the council's own ranges and a disclaimer's numbers do not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import ClassVar

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.context import in_address
from mailguard.matching.identifiers import compact
from mailguard.matching.scan import Scan, Span
from mailguard.rules._identifier import keep
from mailguard.rules._signature import LAYERS, Signatures
from mailguard.rules.rule import SELF, Options, Rule, Tools

MANY = 10


class PhoneNumber(Rule):
    """Distinct numbers by place."""

    name = "phone_number"
    family = "personal_data"
    source = "SEC-1; Ofcom numbering plan"
    wakes = (SELF,)
    hits: ClassVar[tuple[str, ...]] = (
        "Ring her on 07700 900123",
        "Tel: (01632) 960 001",
        "+44 7700 900123",
        "020 7946 0018",
        "077 0090 0123",
        "0770 090 0123",
    )
    misses: ClassVar[tuple[str, ...]] = ("Call 0800 496 0000", "0300 123 4567", "713 - 853 - 6161", "UPRN 100062209109")

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        self.signatures = Signatures(tools)

    @property
    def patterns(self) -> Mapping[str, str]:
        """Geographic and mobile numbers, with the usual breaks."""
        prefix = r"(?:\+44 ?(?:\(0\) ?)?|\b00 ?44 ?|\(0|\b0)"
        mobile = (
            r"7\d{3}\)?[ .-]?\d{3}[ .-]?\d{3}|7\d{2}[ .-](?:\d{4}[ .-]?\d{4}|\d{3}[ .-]\d{4})|7\d[ .-]\d{4}[ .-]\d{4}"
        )
        london = r"2\d\)?[ .-]?\d{4}[ .-]?\d{4}|2\d{2}\)?[ .-]\d{3}[ .-]?\d{4}"
        place = rf"{london}|2\d[ .-]\d{{1,2}}[ .-]?\d{{6,7}}|1\d{{2,4}}\)?[ .-]?\d{{3}}[ .-]?\d{{3,4}}"
        return {"number": rf"{prefix}(?:{mobile}|{place})\b"}

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """The council's own ranges do not count."""
        if not self.seen(scan, "number", LAYERS):
            return
        own = tuple(national(compact(phone)) for phone in mail.council.phones)
        found: dict[str, set[str]] = defaultdict(set)
        kept: list[Span] = []
        for span in self.signatures.spans(self, mail, scan, "number"):
            number = national(compact(span.matched))
            if not (own and number.startswith(own)) and not in_address(span):
                kept.append(span)
                found[span.text.where].add(number)
        keep(scan, self.name, kept)
        for where, numbers in found.items():
            grade = Confidence.MEDIUM if sum(number.startswith("07") for number in numbers) >= MANY else Confidence.LOW
            why = f"{len(numbers)} telephone number{'' if len(numbers) == 1 else 's'}."
            yield self.finding(where, grade, why, things=numbers)


def national(number: str) -> str:
    """The number as dialled in the country."""
    for prefix in ("0044", "44"):
        if number.startswith(prefix) and len(number) > 11:
            return "0" + number.removeprefix(prefix).removeprefix("0")
    return number

"""Finds full postal addresses: house, street and postcode. Law: alone it is low; several with names, medium.

Source: Royal Mail PAF digest (postcode areas and shapes); SEC-1 (birth date, name and address belong together).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.identifiers import LIKE_POSTCODE
from mailguard.matching.scan import Scan, Span
from mailguard.rules._house import REACH, house_before
from mailguard.rules._identifier import keep
from mailguard.rules._lines import APPLICATION
from mailguard.rules._signature import LAYERS, Signatures
from mailguard.rules.rule import SELF, Options, Rule, Tools

MANY = 3
NAMED = re2.compile(r"\b(?:mr|mrs|ms|miss|mx|dr|rev)\.? [a-z]")


class PostalAddress(Rule):
    """A house and street within reach in front of a postcode."""

    name = "postal_address"
    family = "personal_data"
    source = "SEC-1; Royal Mail PAF"
    wakes = (SELF,)
    hits: ClassVar[tuple[str, ...]] = (
        "She lives at 12 Mill Lane, Ormskirk, Lancashire L39 1AA.",
        "Flat 2, 14 Station Road\nSouthampton\nSO14 2AB",
        "15 Heol y Parc, Caerdydd CF11 6JU",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Station Road, West Dereham PE33 9RR",
        "at 12 Mill Lane the bins were missed",
        "grid ref SD4567 in VA1 1AA",
    )

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        self.signatures = Signatures(tools)

    @property
    def patterns(self) -> Mapping[str, str]:
        """The postcode; the street is looked for only before one."""
        return {"postcode": rf"\b{LIKE_POSTCODE}\b"}

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Distinct house-and-postcode pairs by place."""
        if not self.seen(scan, "postcode", LAYERS):
            return
        found: dict[str, set[str]] = defaultdict(set)
        kept: list[Span] = []
        named: dict[str, int] = defaultdict(int)
        for span in self.signatures.spans(self, mail, scan, "postcode"):
            house = house_before(span)
            if house:
                ahead = span.text.folded[max(0, span.start - REACH - 60) : span.start]
                key = f"{house} {span.matched}"
                named[span.text.where] += key not in found[span.text.where] and NAMED.search(ahead) is not None
                kept.append(span)
                found[span.text.where].add(key)
        keep(scan, self.name, kept)
        for where, addresses in found.items():
            count = len(addresses)
            listed = sum(len(APPLICATION.findall(text.folded)) for text in mail.contents.texts if text.where == where)
            grade = Confidence.MEDIUM if named[where] >= MANY and listed < count else Confidence.LOW
            yield self.finding(
                where, grade, f"{count} full postal address{'' if count == 1 else 'es'}.", things=addresses
            )

"""Finds council-tax, benefit, rent and care references. Law: the council says how its own look; words name the others.

Source: SEC-1 (personal data in council records); formats are local, so they are options of this rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.context import Context, phrases
from mailguard.matching.scan import Scan, Span
from mailguard.rules._identifier import Grade, Identifier
from mailguard.rules.rule import Options, Tools

BEHIND = 60
YEARS = re2.compile(r"^(?:19|20)\d\d (?:19|20)\d\d$")


class CouncilReferenceOptions(Options):
    """`patterns`: RE2 expressions over lower-case text, for references that need no label."""

    patterns: tuple[str, ...] = ()


class CouncilReference(Identifier):
    """A number named as council-tax account, benefit claim, rent account, badge or care record."""

    name = "council_reference"
    source = "SEC-1"
    options_type = CouncilReferenceOptions
    options: CouncilReferenceOptions
    thing = "council account or benefit reference"
    number = r"\b(?:(?:[a-z]{1,3}[/-]?)?\d{6,10}[a-z0-9]?|\d{4} \d{4})\b"
    needs_label = True
    before = 44
    after = 0
    hits: ClassVar[tuple[str, ...]] = (
        "Council tax account number: 70123456",
        "her housing benefit reference is HB1234567",
        "rent account 10034567",
        "Treth Gyngor: 70123456",
        "70123456 is the council tax account of Ann Brown",
        "Name,Council Tax Account No.,Issue\nMrs Annabel Brown,7012 3456,repairs",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Council tax will rise by 4.99% in 2026",
        "Council tax leaflet, print order 70123456",
        "Account 70123456",
        "Council tax 2024 2025",
        "We logged 70123456. Council tax will rise.",
    )

    def __init__(self, options: CouncilReferenceOptions, tools: Tools) -> None:
        super().__init__(options, tools)
        named = phrases(self.vocabulary.get("label", ())).removeprefix("(?:^|[^a-z])")
        self.behind = re2.compile(rf"^[\s,()-]{{0,4}}(?:(?:is|was) )?(?:(?:the|his|her|their|my|a) )?{named}")

    @property
    def patterns(self) -> Mapping[str, str]:
        """Also the council's own formats."""
        own = {f"own{index}": source for index, source in enumerate(self.options.patterns)}
        return {**super().patterns, **own}

    def grade(self, number: str, span: Span, context: Context) -> Grade:
        """Named so, and no date or sum of money."""
        if context.other or YEARS.match(span.matched):
            return None
        text = span.text.folded
        named = context.labelled or self.behind.search(text[span.end : span.end + BEHIND])
        return Confidence.MEDIUM if named else None

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Named numbers, then the council's own formats."""
        if not scan.touches(self.name):
            return
        yield from super().check(mail, scan)
        for index in range(len(self.options.patterns)):
            places: dict[str, set[str]] = {}
            for span in self.spans(scan, f"own{index}"):
                places.setdefault(span.text.where, set()).add(span.matched)
            for where, things in places.items():
                yield self.finding(where, Confidence.MEDIUM, self.why(len(things), Confidence.MEDIUM), things=things)

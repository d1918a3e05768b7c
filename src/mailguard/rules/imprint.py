"""Sees an electoral imprint, the strongest single mark of campaign material.

Law: a person or party and an address, or "on behalf of", must stand in it; talk *about* imprints is none.
Sources: Elections Act 2022 Part 6 and the Electoral Commission's guidance on digital imprints (LAW-3);
Representation of the People Act 1983 s110 (printed material names printer and promoter).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.rules._political import Political
from mailguard.rules.rule import SELF

_NAME = r"(?-i:[A-Z][\w.'’&-]*)(?:\s+(?:(?-i:[A-Z][\w.'’&-]*)|of|and|the|&)){0,6}"
_PROMOTED = (
    rf"(?:printed|published|hosted|produced)?(?:,|\s+and|\s*&|\s)*\s*promoted\s+by:?\s+{_NAME}[^\n]{{0,120}}?"
    rf"(?:,|\s+of|\s+at|\s+on\s+behalf\s+of|\s+for\s+and\s+on\s+behalf)\s+[^\n]{{2,160}}"
)
_WELSH = rf"(?:hyrwyddwyd|hyrwyddir)\s+gan\s+{_NAME}[^\n]{{0,120}}?(?:,|\s+ar\s+ran)\s+[^\n]{{2,120}}"
_PRINTED = rf"printed\s+by\s+{_NAME}[^\n]{{0,160}}?promoted\s+by\s+"
_PAID = (
    r"\bpaid\s+for\s+by\s+(?:the\s+)?[^\n]{2,60}?"
    r"(?:for\s+(?:senate|congress|president|governor|america)|committee|victory|party|pac\b)"
)
_PLACEHOLDER = re2.compile(
    r"(?i)promoted\s+by\W{0,3}\W*[\[(<{]|name\s+and\s+address"
    r"|\bmust\b|\bguidance\b|(?:^|[^.@\w-])example"
)


class Imprint(Political):
    """HIGH: near-deterministic. Looks at what is sent, forwards and disclaimers included, at any time of year."""

    name = "imprint"
    source = "Elections Act 2022 Part 6 (LAW-3); Representation of the People Act 1983 s110; POL-2"
    wakes = (SELF,)
    gate = r"promoted by|hyrwydd(?:wyd|ir) gan|paid for by"
    hits: ClassVar[tuple[str, ...]] = (
        "Printed and promoted by A. Webb on behalf of Jo Marsh, both at 4 Mill Lane, Anytown AN1 2BC",
        "Promoted by Dilys Rees, 12 High Street, Brenton, for and on behalf of the Green Party",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Every leaflet must carry the words 'promoted by' with the name and address of the promoter.",
        "Cycling is promoted by the council and by the health trust in all schools.",
    )
    _forms: ClassVar[tuple[re2._Regexp, ...]] = tuple(
        re2.compile(rf"(?i){form}") for form in (_PROMOTED, _WELSH, _PRINTED, _PAID)
    )

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """The original letters are read, for a name is known by its capital."""
        for text in scan.contents.texts:
            if text.layer not in self.layers or not self.seen(scan, "gate", frozenset({text.layer})):
                continue
            content = text.content.replace("\r", "")
            things = [
                match.group()
                for form in self._forms
                for match in form.finditer(content)
                if not _PLACEHOLDER.search(content[max(0, match.start() - 80) : match.end()])
            ]
            if things:
                why = "An electoral imprint: it names who promotes the material, and for whom."
                yield self.finding(text.where, Confidence.HIGH, why, things=things, kind="imprint")

"""Finds UK passport numbers and the machine-readable line. Law: nine digits are a passport only where named so.

Source: HM Passport Office (nine digits), ICAO Doc 9303 part 4 (machine-readable zone); Manchester s6.2.2 (SEC-1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.context import Context
from mailguard.matching.scan import Scan, Span
from mailguard.rules._identifier import Grade, Identifier


class Passport(Identifier):
    """Nine digits (or two letters and seven digits, as elsewhere) near the word."""

    name = "passport"
    source = "SEC-1; ICAO 9303"
    thing = "passport number"
    number = r"\b(?:\d{9}|\d{3} \d{3} \d{3}|[a-z]{1,2} ?\d{7})\b"
    needs_label = True
    after = 30
    hits: ClassVar[tuple[str, ...]] = (
        "Passport number: 533401372",
        "my passport is 533 401 372",
        "533401372 (passport)",
        "Rhif pasbort: 533401372",
        "P<GBRBROWN<<ANNE<MARY<<<<<<<<<<<<<<<<<<<<<<<",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "I need my passport by 12 May, invoice 533401372",
        "Number 533401372",
        "Passport to Leisure scheme, charity number 533401372",
    )

    @property
    def patterns(self) -> Mapping[str, str]:
        """Also the first line of the machine-readable zone."""
        return {**super().patterns, "zone": r"\bp<[a-z]{3}[a-z]{1,30}<<[a-z<]{8,}"}

    def grade(self, number: str, span: Span, context: Context) -> Grade:
        """There is no check digit: the name alone makes it one."""
        return Confidence.HIGH if context.labelled and not context.other else None

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """The printed number, and the zone read from a copy."""
        if not scan.touches(self.name):
            return
        yield from super().check(mail, scan)
        if self.seen(scan, "zone"):
            for span in self.spans(scan, "zone"):
                why = "A passport's machine-readable line."
                yield self.finding(span.text.where, Confidence.HIGH, why, things=[span.matched])

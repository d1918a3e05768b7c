"""Finds Unique Taxpayer References. Law: ten digits are a tax reference only where the text says so.

Source: HMRC, UTR modulus 11 (check digit in front); Manchester s6.2.2 (SEC-1).
"""

from __future__ import annotations

from typing import ClassVar

from mailguard.mail.evidence import Confidence
from mailguard.matching.identifiers import utr_valid
from mailguard.matching.scan import Span
from mailguard.rules._identifier import Grades, Identifier


class Utr(Identifier):
    """Ten digits, sometimes grouped 5-5, sometimes with a K behind."""

    name = "utr"
    source = "SEC-1; HMRC"
    thing = "tax reference"
    number = r"\b\d(?:[ .\-]{0,2}\d){9} ?k?\b"
    needs_label = False
    grades = Grades(Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW, Confidence.LOW)
    hits: ClassVar[tuple[str, ...]] = (
        "UTR: 4748949890",
        "my Unique Taxpayer Reference is 47489 49890",
        "47489 49890 (UTR)",
        "Self Assessment 4748949890K",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "VAT number 4748949890",
        "Tel 4748949890",
        "Company number 4748949890",
        "meter 4748949891",
    )

    def valid(self, number: str, span: Span) -> bool:
        """The check digit in front is right."""
        return utr_valid(number)

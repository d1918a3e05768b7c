"""Finds international bank account numbers. Law: modulus 97 and the country's length must hold.

Source: ISO 13616; Manchester s6.2.2 (SEC-1).
"""

from __future__ import annotations

from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence
from mailguard.matching.context import Context
from mailguard.matching.identifiers import compact, iban_valid
from mailguard.matching.scan import Span
from mailguard.rules._identifier import Grade, Grades, Identifier

UK = re2.compile(r"^gb\d\d[a-z]{4}\d{14}")


class Iban(Identifier):
    """Country, two check digits, up to thirty characters, in groups of four or none."""

    name = "iban"
    source = "SEC-1; ISO 13616"
    thing = "IBAN"
    number = r"\b[a-z]{2}\d\d[ -]?(?:[a-z0-9]{4}[ -]?){2,7}[a-z0-9]{0,4}\b"
    grades = Grades(Confidence.HIGH, Confidence.HIGH, Confidence.MEDIUM, None)
    hits: ClassVar[tuple[str, ...]] = (
        "IBAN: GB82 WEST 1234 5698 7654 32",
        "please pay GB82WEST12345698765432",
        "account DE89 3704 0044 0532 0130 00 at her bank",
    )
    misses: ClassVar[tuple[str, ...]] = ("IBAN GB82 WEST 1234 5698 7654 33", "tracking GB82WEST12345698765432")

    def valid(self, number: str, span: Span) -> bool:
        """The check holds for the whole, or for what is one once the next word is cut off."""
        return iban_valid(number) or bool((uk := UK.match(number)) and iban_valid(uk.group()))

    def grade(self, number: str, span: Span, context: Context) -> Grade:
        """A long run of letters is prose."""
        digits = sum(character.isdigit() for character in compact(number))
        return super().grade(number, span, context) if digits >= 10 else None

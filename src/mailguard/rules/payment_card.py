"""Finds payment card numbers. Law: Luhn is right for one number in ten, so the issuer's range and a word decide.

Source: ISO/IEC 7812 (Luhn, issuer ranges), PCI DSS 4.0 requirement 4.2 (not by e-mail in clear); SEC-1.
"""

from __future__ import annotations

from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence
from mailguard.matching.context import Context
from mailguard.matching.identifiers import CARD_ISSUER, card_valid
from mailguard.matching.scan import Span
from mailguard.rules._identifier import Grade, Grades, Identifier

GROUPED = re2.compile(r"^(?:\d{4}[ .-]\d{4}[ .-]\d{4}[ .-]\d{4}|3\d{3}[ -]\d{6}[ -]\d{5})$")


class PaymentCard(Identifier):
    """Twelve to nineteen digits, in groups of four or none."""

    name = "payment_card"
    source = "SEC-1; ISO/IEC 7812; PCI DSS 4.2"
    thing = "payment card number"
    number = r"\b\d(?:[ .\-]?\d){11,18}\b"
    grades = Grades(Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW, Confidence.LOW)
    hits: ClassVar[tuple[str, ...]] = (
        "Card number 4929 1234 5678 9015 expiry 09/27",
        "please charge my Visa 4929123456789015",
        "4929-1234-5678-9015",
        "rhif y cerdyn: 4929 1234 5678 9015",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Library card 4929123456789015",
        "tracking 4929 1234 5678 9015",
        "1001921334250001000300779017972697",
        "IMEI 490154203237518",
    )

    def valid(self, number: str, span: Span) -> bool:
        """A known issuer and the Luhn digit."""
        return card_valid(number)

    def bare(self, number: str, span: Span) -> Grade:
        """Grouped as on the card, it is medium."""
        return Confidence.MEDIUM if GROUPED.match(span.matched) else Confidence.LOW

    def grade(self, number: str, span: Span, context: Context) -> Grade:
        """A wrong check digit is low, and that only where groups, length and issuer are a card's."""
        if context.labelled and not self.valid(number, span):
            plausible = len(number) in (15, 16) and CARD_ISSUER.match(number) and GROUPED.match(span.matched)
            return Confidence.LOW if plausible and not context.other else None
        return super().grade(number, span, context)

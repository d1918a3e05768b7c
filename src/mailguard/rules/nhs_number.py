"""Finds NHS numbers (and Scotland's CHI, Northern Ireland's H&C number: the same check digit).

Law: one in eleven ten-digit numbers passes the check, so a number that nothing names is at most low; in the usual
grouping 3-3-4 with blanks, medium. A number that is named and fails is low: a typing error, or none at all; what
stands beside it may raise it.
Source: NHS Data Dictionary, NHS number; Lancashire protocol Appendix A and Manchester s6.2.2 (SEC-1).
"""

from __future__ import annotations

from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence
from mailguard.matching.context import Context
from mailguard.matching.identifiers import nhs_valid
from mailguard.matching.scan import Span
from mailguard.rules._identifier import Grade, Grades, Identifier

GROUPED = re2.compile(r"^[4-79]\d\d \d{3} \d{4}$")
CONTINUES = re2.compile(r"^[ ]?\d")


class NhsNumber(Identifier):
    """Ten digits, grouped as people do."""

    name = "nhs_number"
    source = "SEC-1; NHS Data Dictionary"
    thing = "NHS number"
    number = r"\b\d(?:[ .\-]{0,2}\d){9}\b"
    grades = Grades(Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW, Confidence.LOW)
    hits: ClassVar[tuple[str, ...]] = (
        "Her NHS number is 943 476 5919, could you chase the referral?",
        "NHS No: 943-476-5919",
        "9434765919 (NHS number)",
        "Rhif GIG: 943 476 5919",
        "NHS Number\n943 476 5918\nGP practice",
        "The patient, 9434765919, was seen at the clinic",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Tracking number 9434765919",
        "UPRN: 9434765919",
        "Call NHS 111 or ring 943 476 5919",
        "https://example.org/item?id=9434765919",
        "Your order 9434765919 has been sent",
        "943476591912345",
    )

    def valid(self, number: str, span: Span) -> bool:
        """The check digit is right."""
        return nhs_valid(number)

    def bare(self, number: str, span: Span) -> Grade:
        """The grouping of the NHS is a second sign; it is that of no UK telephone number. A run of digits has none."""
        if in_run(span):
            return None
        return Confidence.MEDIUM if GROUPED.match(span.matched) else Confidence.LOW

    def grade(self, number: str, span: Span, context: Context) -> Grade:
        """A piece of a longer number does not count, nor a date with a time, nor a named telephone number."""
        if goes_on(span) or (not context.labelled and in_run(span)):
            return None
        if number[0] == "0" and not self.valid(number, span):
            return None
        return super().grade(number, span, context)


def goes_on(span: Span) -> bool:
    """True where more digits follow."""
    return CONTINUES.match(span.text.folded[span.end : span.end + 2]) is not None


def in_run(span: Span) -> bool:
    """True where digits stand directly before or behind."""
    return span.text.folded[max(0, span.start - 2) : span.start].strip()[-1:].isdigit() or goes_on(span)

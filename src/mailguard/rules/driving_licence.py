"""Finds UK driver numbers. Law: the sixteen characters carry surname, birth date and initials, so structure is strong.

Source: DVLA INS57P (make-up of the driver number); Manchester s6.2.2 (SEC-1).
"""

from __future__ import annotations

from typing import ClassVar

from mailguard.mail.evidence import Confidence
from mailguard.matching.identifiers import licence_valid
from mailguard.matching.scan import Span
from mailguard.rules._identifier import Grades, Identifier


class DrivingLicence(Identifier):
    """Five of the surname (9 fills up), six of the birth date, two initials, three more."""

    name = "driving_licence"
    source = "SEC-1; DVLA INS57P"
    thing = "driver number"
    number = r"\b[a-z][a-z9]{4}[ \-]?\d{6}[ \-]?[a-z][a-z9][a-z0-9][ \-]?[a-z]{2}\b"
    grades = Grades(Confidence.HIGH, Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)
    hits: ClassVar[tuple[str, ...]] = (
        "Driving licence: MORGA 657054 SM9IJ",
        "his driver number is MORGA657054SM9IJ",
        "MORGA657054SM9IJ",
        "Trwydded yrru MORGA657054SM9IJ",
    )
    misses: ClassVar[tuple[str, ...]] = ("Part no ABCDE123456FG7HI", "MORGA699954SM9IJ", "tracking MORGA657054SM9IJ")

    def valid(self, number: str, span: Span) -> bool:
        """The month and day are such, and the fill-up digits stand last."""
        return licence_valid(number)

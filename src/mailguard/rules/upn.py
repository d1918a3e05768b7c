"""Finds Unique Pupil Numbers. Law: the check letter must hold, or the text must name it.

Source: DfE, Unique pupil numbers guide (check letter, authority code); SEC-1.
"""

from __future__ import annotations

from typing import ClassVar

from mailguard.mail.evidence import Confidence
from mailguard.matching.identifiers import upn_valid
from mailguard.matching.scan import Span
from mailguard.rules._identifier import Grades, Identifier


class Upn(Identifier):
    """A letter and twelve digits (or eleven and a letter)."""

    name = "upn"
    source = "SEC-1; DfE UPN guide"
    thing = "pupil number"
    number = r"\b[a-hj-np-rt-z][ -]?\d{3}[ -]?\d{4}[ -]?\d{2}[ -]?\d{2}[ -]?[0-9a-hj-np-rt-z]\b"
    grades = Grades(Confidence.HIGH, Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)
    hits: ClassVar[tuple[str, ...]] = (
        "UPN: H801200001001",
        "the pupil H801200001001 was excluded",
        "Unique Pupil Number B801200001001",
    )
    misses: ClassVar[tuple[str, ...]] = ("Tracking C801200001001", "Z801200001001")

    def valid(self, number: str, span: Span) -> bool:
        """The check letter and the authority are right."""
        return upn_valid(number)

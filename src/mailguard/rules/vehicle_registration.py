"""Finds registration marks. Law: a mark that nothing names is low; marks of odd shape are none.

Source: DVLA INF104 (styles of 2001, 1983, 1963); SEC-1.
"""

from __future__ import annotations

from typing import ClassVar

from mailguard.mail.evidence import Confidence
from mailguard.matching.identifiers import registration_valid
from mailguard.matching.scan import Span
from mailguard.rules._identifier import Grades, Identifier


class VehicleRegistration(Identifier):
    """AB51 ABC, A123 ABC, ABC 123A."""

    name = "vehicle_registration"
    source = "SEC-1; DVLA INF104"
    thing = "vehicle registration"
    number = r"\b(?:[a-z]{2}\d\d ?[a-z]{3}|[a-z]\d{1,3} ?[a-z]{3}|[a-z]{3} ?\d{1,3}[a-z])\b"
    before = 40
    grades = Grades(Confidence.MEDIUM, Confidence.LOW, Confidence.LOW, None)
    hits: ClassVar[tuple[str, ...]] = (
        "My car reg is AB51 ABC and the permit ran out",
        "Vehicle registration: BD19 XYZ",
        "rhif cofrestru AB51ABC",
        "BD19 XYZ (registration)",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Planning ref AB51 ABC",
        "registration O123 BCD",
        "registration AQ51 ABC",
        "car park at M456 the",
    )

    def valid(self, number: str, span: Span) -> bool:
        """A style and letters that are given out."""
        return registration_valid(number) and not _word(number)


def _word(number: str) -> bool:
    """Folded "a 4 the"-like runs: the three letters are a common word."""
    return any(number.endswith(word) for word in ("the", "and", "for", "are", "was", "per", "new", "may", "kwh", "hrs"))

"""Sees promotion of oneself or another as a candidate. Law: notices of who stands are facts, and none (POL-3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from mailguard.rules._political import Political


class CandidatePromotion(Political):
    """Weak alone; the judge weighs it."""

    name = "candidate_promotion"
    source = "Lancashire s6c(iii); Walsall s7; Southampton D4, D5 (POL-3)"
    lists: ClassVar[Mapping[str, str]] = {"candidate": "candidate", "programme": "programme"}
    says: ClassVar[Mapping[str, str]] = {
        "candidate": "Promotion of a candidate, oneself or another.",
        "programme": "A programme: what a party or government would do.",
    }
    hits: ClassVar[tuple[str, ...]] = (
        "I am proud to be standing as your local candidate for Mill ward.",
        "Re-elect Jane Marsh, working hard for you.",
    )
    misses: ClassVar[tuple[str, ...]] = ("The library opens at nine.",)

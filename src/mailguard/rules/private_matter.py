"""Finds the private matters of a named person: debts, homelessness, immigration, work, school, family troubles.

Law: it takes a name, words that speak of one person's matter, and a sign that a person is meant: a pronoun, or his
address, number or birth date. Source: UK GDPR art. 4(1) and 32; Manchester s6.2.2 and Lancashire Appendix A (SEC-1).
How a person and a word meet is in `_said`; the words are in `config/words/private_matter.toml`.
"""

from __future__ import annotations

from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence
from mailguard.rules._said import NUMBERS, PASSAGE, People, Said, Term

SIGNS = ("phone_number", "email_address", "vehicle_registration")
SUMS = 2
SUM_OF = re2.compile(r"\b[a-z]+ [a-z'-]+,?:? ?[-(]? ?£ ?\d[\d,]{3,}")


class PrivateMatter(Said):
    """One finding a place and kind of matter."""

    name = "private_matter"
    source = "UK GDPR art. 4(1), 32; SEC-1"
    kinds = ("money", "housing", "immigration", "work", "school", "family")
    reported = frozenset(kinds)
    hits: ClassVar[tuple[str, ...]] = (
        "Mrs Ada Fell is eight weeks behind with her rent and has had an eviction notice.",
        "Winston Abara overstayed his visa and has no recourse to public funds.",
        "Karen Ash has been suspended pending a disciplinary hearing; please do not ring her.",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Tenants with rent arrears may be evicted. Author: Jill Potts.",
        "How many tenants received an eviction notice in 2025? Regards, Mr P Jones",
        "A constituent has had an eviction notice.",
    )

    def grade(self, people: People, term: Term) -> Confidence | None:
        """Medium where a person is meant by more than the name; else low."""
        grade = super().grade(people, term)
        if grade is None or grade < Confidence.MEDIUM or people.personal(term.span):
            return grade
        if len(SUM_OF.findall(term.span.near(PASSAGE))) >= SUMS:
            return grade
        near = (abs(place - term.span.start) <= NUMBERS for place in people.starts(*SIGNS))
        return grade if people.numbered or any(near) else Confidence.LOW

    def level(self, people: People, grade: Confidence, distinct: int) -> Confidence:
        """As the surest word."""
        return grade

    def why(self, kind: str, grade: Confidence) -> str:
        """One sentence without content."""
        said = "a named person" if grade > Confidence.LOW else "somebody"
        return f"A private matter ({kind}) of {said}."

"""Finds the private matters of a named person: debts, homelessness, immigration, work, school, family troubles.

Law: it takes a name, words that speak of one person's matter, and a sign that a person is meant: a pronoun, or his
address, number or birth date. Source: UK GDPR art. 4(1) and 32; Manchester s6.2.2 and Lancashire Appendix A (SEC-1).
How a person and a word meet is in `_said`; the words are in `config/words/private_matter.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import ClassVar, cast

import re2

from mailguard.mail.contents import Text
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.names import PRONOUN
from mailguard.matching.phrases import NEVER
from mailguard.matching.scan import Scan
from mailguard.rules._said import IDENTIFIERS, LAYERS, NUMBERS, PASSAGE, People, Said, Term, alternation

# Words of casework and what each counts.
CUES = {"cue": 1, "telling": 2}
SIGNS = ("phone_number", "email_address", "vehicle_registration")
SUMS = 2
FEW, ENOUGH, MUCH = 2, 3, 4
ONE = r"\b(?:he|she|him|his|her|hers|himself|herself|ei)(?:\W|$)"
AHEAD, BEHIND, NAMES, MANY_CUES = 110, 320, 20, 200
AGE = re2.compile(
    r"(?i)\b(?:is|aged?|she['’]s|he['’]s|was),? \d{1,2}\b|\p{L}, \d{1,2}[.,]|\b\d{1,2} (?:years old|oed)\b"
)
# Minutes with a planning register name its applicants and places; it is public.
REGISTER, REFERENCES = re2.compile(r"\b\d{2,4}/\d{4,5}/[A-Z]{1,4}\b"), 3
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

    @property
    def patterns(self) -> Mapping[str, str]:
        """Also the words that tell nothing alone."""
        table = cast("Mapping[str, Mapping[str, Sequence[str]]]", self.tools.data.get(self.name, {}))
        case = table.get("case", {})
        cues = {part: alternation(case.get(part, ()) or (NEVER,)) for part in CUES}
        return {**super().patterns, **cues, "one": ONE}

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """What words say by themselves; where they are not sure, what many weaker ones say of one name."""
        told = tuple(super().check(mail, scan))
        yield from told
        if any(item.confidence > Confidence.LOW for item in told):
            return
        if not any(self.seen(scan, part, LAYERS) for part in CUES):
            return
        if self.seen(scan, "one", LAYERS) or scan.found("personal_data"):
            yield from self.cases(scan)

    def cases(self, scan: Scan) -> Iterable[Finding]:
        """Texts in which one named person has several words of casework about him."""
        cues: dict[int, tuple[Text, dict[int, tuple[str, int]]]] = {}
        for part, weight in CUES.items():
            for span in islice(self.spans(scan, part, LAYERS), MANY_CUES):
                word = span.matched.strip(" .,;:()\n")
                cues.setdefault(id(span.text), (span.text, {}))[1][span.start] = (word, weight)
        for text, found in cues.values():
            if sum(dict(found.values()).values()) >= FEW and self.case(text, found, People(text, scan, self.names)):
                why = "Several words of casework about one named person."
                yield self.finding(text.where, Confidence.MEDIUM, why, count=1, kind="case")

    def case(self, text: Text, cues: Mapping[int, tuple[str, int]], people: People) -> bool:
        """True where enough different words stand about one name, with a pronoun, an age or a place of his."""
        if self.press.search(text.folded) or len(REGISTER.findall(text.content)) >= REFERENCES:
            return False
        known, signs = people.starts(*IDENTIFIERS), people.starts(*SIGNS)
        first, last = max(0, min(cues) - BEHIND), max(cues) + BEHIND
        for name in islice(self.names.find(text.content[first:last]), NAMES):
            start, end = first + name.start - AHEAD, first + name.end + BEHIND
            told = sum(dict(cue for at, cue in cues.items() if start <= at <= end).values())
            passage = text.content[max(0, start) : end]
            spoken = PRONOUN.search(passage) is not None
            told += 2 * any(start <= at <= end for at in (*known, *(signs if spoken else ())))
            if told + (AGE.search(passage) is not None) >= (ENOUGH if spoken else MUCH):
                return True
        return False

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

"""Finds special-category data about an identified person. Law: a category word alone is nothing; a person and one are.

Source: UK GDPR art. 9 and 10, DPA 2018 Sch 1; LAW-5; Manchester s6.2.2 (SEC-1). A person is a name with a title, a
listed first name with a surname, or an identifier that an earlier rule found; an office-holder (Cllr, Dr) is none.
A category is said of him where words speak of one person ("diagnosed with", "Known allergies:"), or where the name
is linked to a condition in one sentence. Services, places and policies of that name are not people's data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import ClassVar, cast

import re2

from mailguard.mail.contents import Layer, Text
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.fold import fold
from mailguard.mail.mail import Mail
from mailguard.matching.names import Names, around
from mailguard.matching.scan import EVERYWHERE, Scan, Span
from mailguard.rules._identifier import places
from mailguard.rules.rule import SELF, Options, Rule, Tools

LAYERS = EVERYWHERE - {Layer.SIGNATURE, Layer.DISCLAIMER}
PASSAGE, NUMBERS, PAGE, SENTENCE = 260, 600, 2500, 130
SEVERAL, MOST = 3, 100
NEVER = r"\z."
IDENTIFIERS = (
    "nhs_number", "nino", "date_of_birth", "upn", "passport", "driving_licence", "council_reference", "postal_address",
)  # fmt: skip
ADJECTIVES = (
    r"a|an|his|her|their|severe|severely|advanced|early[- ]onset|chronic|mild|terminal|long[- ]term|type|stage"
    r"|[12]|one|two|three|four|breast|lung|bowel|prostate|skin|brain|suspected|vascular|clinical|post-?natal|both|also|now|recently"
    r"|been|just|since|got|history|of|paranoid|undiagnosed|registered|full|known|the|victim|survivor|subject|to|being"
)
# A verb that joins a name to what follows it, at most four small words before the category word.
LINK = re2.compile(
    r"(?:\b(?:has|have|had|having|with|is|was|suffer\w*(?: from| with)?|develop\w*|battl\w*|fight\w*|recovering from"
    rf"|accused of|admitted|commit\w*|due to|because of)|['’]s)\s+(?:(?:{ADJECTIVES})\s+){{0,4}}$"
)
TITLE_DOT = re2.compile(r"\b(?:Mr|Mrs|Ms|Dr|St)\.$")
SENTENCE_END = re2.compile(r"(?:[a-z0-9)][.!?]\s+(?:\p{Lu})|\n\s*\n)")
GENERIC = re2.compile(
    r"\b(?:people|patients|residents|those|children|adults|women|men|anyone|everyone|families|individuals|pupils"
    r"|students|persons|carers|victims|survivors|many|some|pobl|plant)"
    r"(?: (?:who|that|are|were|have|been|being|in the area))*\W*$"
)
GREETING = re2.compile(r"(?m)^\s*(?:Dear|Annwyl) (?:Mr|Mrs|Ms|Miss|Mx)\.? \p{Lu}")


class SpecialCategory(Rule):
    """One finding a place and category; kind is the category."""

    name = "special_category"
    family = "personal_data"
    rank = 1
    source = "UK GDPR art. 9, 10; SEC-1; LAW-5"
    wakes = (SELF,)
    kinds = ("health", "ethnicity", "religion", "sexual_life", "union", "biometric", "criminal", "safeguarding")
    hits: ClassVar[tuple[str, ...]] = (
        "Mrs Joan Price of Mill Lane has been diagnosed with dementia and needs a bungalow.",
        "Name: Ann Brown\nEthnicity: White British\nReligion: Muslim",
        "Mr Khan was convicted of assault in 2019.",
        "There is a child protection plan for Tom Hughes, aged 6.",
        "Dear Mrs Evans, your smear test results show changes; your medication will be reviewed.",
        "Mae Mrs Siân Evans yn dioddef o iselder.",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Mrs Price complained about the hospital car park.",
        "The mental health strategy goes to committee; Mr Jones will present it.",
        "Mr Price asked about the church hall and the Muslim burial ground.",
        "Patients diagnosed with cancer wait too long, said Cllr Ann Brown.",
        "My constituent has been diagnosed with dementia.",
        "Mr Hughes chairs the Dementia Friends group.",
    )

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        self.names = Names(tools.words.get("first_names", ()))
        safe = "|".join(fold(line).replace(" ", r"\s+") for line in tools.words.get("special_category_safe", ()))
        self.safe = re2.compile(rf"^\W{{0,2}}\s*(?:{safe or NEVER})\b")

    @property
    def patterns(self) -> Mapping[str, str]:
        """Two expressions a category: words about one person, and nouns."""
        tables = cast("Mapping[str, Mapping[str, Sequence[str]]]", self.tools.data.get("special_category", {}))
        return {
            f"{kind}_{part}": alternation(lines)
            for kind in self.kinds
            for part in ("about", "noun")
            if (lines := tables.get(kind, {}).get(part, ()))
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Category words by text, then the person each is about."""
        if not scan.touches(self.name):
            return
        for text, terms in self.terms(scan):
            people = People(text, scan, self.names)
            grades: dict[str, Confidence] = {}
            for term in terms:
                grade = people.grade(term)
                if grade:
                    grades[term.kind] = max(grade, grades.get(term.kind, grade))
            distinct = len({term.span.matched for term in terms if term.kind in grades})
            for kind, grade in grades.items():
                sure = people.numbered or (people.form and distinct >= SEVERAL)
                said = "a named person" if grade > Confidence.LOW else "one person who is not named"
                why = f"Special category ({kind.replace('_', ' ')}) about {said}."
                high = sure and grade is Confidence.MEDIUM
                yield self.finding(text.where, Confidence.HIGH if high else grade, why, count=1, kind=kind)

    def terms(self, scan: Scan) -> list[tuple[Text, list[Term]]]:
        """Category words by text; services, places and talk of people in general are dropped."""
        found: dict[int, tuple[Text, list[Term]]] = {}
        for kind in self.kinds:
            for about, name in ((True, f"{kind}_about"), (False, f"{kind}_noun")):
                if self.seen(scan, name, LAYERS):
                    for span in islice(self.spans(scan, name, LAYERS), MOST):
                        if not self.general(span):
                            found.setdefault(id(span.text), (span.text, []))[1].append(Term(kind, span, about))
        return list(found.values())

    def general(self, span: Span) -> bool:
        """True where the word names a service or place, or speaks of people in general."""
        folded = span.text.folded
        ahead = folded[max(0, span.start - 50) : span.start + 1]
        return bool(self.safe.search(folded[span.end - 1 : span.end + 30]) or GENERIC.search(ahead))


@dataclass(frozen=True)
class Term:
    """A category word; `about` where it speaks of one person by itself."""

    kind: str
    span: Span
    about: bool


class People:
    """The persons one text is about."""

    def __init__(self, text: Text, scan: Scan, names: Names) -> None:
        self._text, self._names = text, names
        self._numbers = [span.start for name in IDENTIFIERS for span in places(scan, name) if span.text is text]
        self.numbered = False

    @cached_property
    def form(self) -> bool:
        """True for a form or a letter: a labelled name, or "Dear Mrs Evans", in its first page."""
        head = self._text.content[:PAGE]
        return GREETING.search(head) is not None or any(name.labelled for name in self._names.find(head))

    def grade(self, term: Term) -> Confidence | None:
        """Medium where the person is known, low where words speak of one who is not."""
        span = term.span
        if not term.about:
            return Confidence.MEDIUM if self.linked(span) else None
        if any(abs(place - span.start) <= NUMBERS for place in self._numbers):
            self.numbered = True
            return Confidence.MEDIUM
        named = self.form or any(self._names.find(around(self._text, span.start, span.end, PASSAGE)))
        return Confidence.MEDIUM if named else Confidence.LOW

    def linked(self, span: Span) -> bool:
        """True where a name and the word are joined by a verb in one sentence."""
        ahead = around(self._text, span.start + 1, span.start + 1, SENTENCE)[:SENTENCE]
        ends = [end for end in SENTENCE_END.finditer(ahead) if not TITLE_DOT.search(ahead[: end.start() + 2])]
        sentence = ahead[ends[-1].end() - 1 :] if ends else ahead
        last = max((name.end for name in self._names.find(sentence)), default=-1)
        return last >= 0 and LINK.search(fold(sentence[last:])) is not None


def alternation(lines: Sequence[str]) -> str:
    """Phrases as one RE2 expression at word boundaries."""
    made = "|".join(fold(line).replace(" ?:", r"\s?:").replace(" ", r"\s+") for line in lines)
    return rf"(?:^|[^a-z])(?:{made})(?:[^a-z]|$)"

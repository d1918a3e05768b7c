"""The form of a rule for things said of one person. Law: a word alone is nothing; a person and a word are.

A person is a name (see `matching.names`) or an identifier that an earlier rule found. A thing is said of him where
words speak of one person ("diagnosed with", "Known allergies:") with a name in the passage, or where a name, or a
pronoun that stands for one, is linked to a noun in one sentence. Services, places, policies, talk of people in
general, the distant past and empty fields of a form are nobody's data.
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
from mailguard.matching.names import Names, ahead_of, around
from mailguard.matching.phrases import NEVER
from mailguard.matching.scan import EVERYWHERE, Scan, Span
from mailguard.rules._identifier import places
from mailguard.rules.rule import SELF, Options, Rule, Tools

LAYERS = EVERYWHERE - {Layer.SIGNATURE, Layer.DISCLAIMER}
PASSAGE, NUMBERS, PAGE, SENTENCE, PRESS = 260, 600, 2500, 130, 500
SEVERAL, MOST = 3, 100
IDENTIFIERS = (
    "nhs_number", "nino", "date_of_birth", "upn", "passport", "driving_licence", "council_reference", "postal_address",
)  # fmt: skip
ADJECTIVES = (
    r"a|an|his|her|their|severe|severely|advanced|early[- ]onset|chronic|mild|terminal|long[- ]term|type|stage"
    r"|[12]|one|two|three|four|breast|lung|bowel|prostate|skin|brain|suspected|vascular|clinical|post-?natal|both|also|now|recently"
    r"|been|just|since|got|history|of|paranoid|undiagnosed|registered|full|known|the|victim|survivor|subject|to|being|and|very"
    r"|orthodox|devout|practising|profoundly|partially|non-verbal|still|bad|serious|multiple|convicted|former|inoperable|secondary"
)
JOIN = (
    r"(?:has|have|had|having|with|is|was|suffer\w*(?: from| with)?|develop\w*|battl\w*|fight\w*|recovering from"
    r"|accused of|admitted|commit\w*|due to|because of|for)"
)
SMALL = rf"\s+(?:(?:{ADJECTIVES})\s+){{0,4}}$"
# A verb that joins a name to what follows it, at most four small words before the category word.
LINK = re2.compile(rf"(?:\b{JOIN}|['’]s){SMALL}")
# The same after a pronoun, or one of the family of who was named; or "his" directly before the word.
OTHER = re2.compile(
    r"(?:\b(?:he|she|(?:his|her|my) (?:\w+ )?(?:mother|father|mum|dad|son|daughter|wife|husband|partner|brother|sister"
    rf"|child|boy|girl|baby))(?:\s+(?:also|now|still))?(?:\s+{JOIN}|['’]s){SMALL}|\b(?:his|her)\s+(?:(?:{ADJECTIVES})\s+){{0,2}}$)"
)
TITLE_DOT = re2.compile(r"\b(?:Mr|Mrs|Ms|Dr|St)\.$")
SENTENCE_END = re2.compile(r"(?:[a-z0-9)][.!?]\s+(?:\p{Lu})|\n\s*\n)")
GENERIC = re2.compile(
    r"\b(?:(?:people|patients|residents|those|children|adults|women|men|anyone|everyone|families|individuals|pupils"
    r"|students|persons|carers|victims|survivors|many|some|tenants|drivers|employees|applicants|parents|pobl|plant"
    r"|(?:any|an|each|every|no|if a|where a|in (?:four|five|ten)|person) (?:adult|child|employee|person|woman|man"
    r"|applicant|tenant|pupil|driver|member of staff|resident|patient|individual))"
    r"(?: (?:who|that|are|is|were|have|has|been|being|in the area|will|be|may|must|a|the|with|of|over \d+|at))*\W*$"
    r"|\b(?:policy|strategy|procedures?|guidance|training) (?:on|for|applies to any|about)\W*$)"
)
GREETING = re2.compile(r"(?m)^\s*(?:Dear|Annwyl) (?:Mr|Mrs|Ms|Miss|Mx)\.? \p{Lu}")
LONG_AGO = re2.compile(r"\b(?:in|of|since|by|from) 1(?:[0-8]\d\d|9[0-5]\d)\b")
EMPTY = re2.compile(
    r"^[^a-z0-9\n]*(?:$|\n|neutral|no impact|positive impact|impact|none|nil|n/?a\b|not applicable|see\b|census"
    r"|yes ?/|yes or|male ?/|e\.g|\.\.|_|dd|prefer not|all\b|any\b|please|tick|circle)"
)
HE_SHE = re2.compile(r"\b(?:he|she|him|his|her|hers|himself|herself|ei|single (?:mum|dad|parent))\b")
CLASS = re2.compile(r"(\\[A-Za-z])")
YOU = re2.compile(r"\byour?\b")


class Said(Rule):
    """One finding a place and kind. `kinds` are tables of `config/words/NAME.toml` with `about` and `noun`."""

    family = "personal_data"
    rank = 1
    wakes = (SELF,)
    kinds: ClassVar[tuple[str, ...]]
    reported: ClassVar[frozenset[str]] = frozenset()
    """Kinds that the press reports of public persons: low beside words of publicity."""

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        self.names = tools.names
        safe = "|".join(fold(line).replace(" ", r"\s+") for line in tools.words.get("special_category_safe", ()))
        self.safe = re2.compile(rf"^\W{{0,2}}\s*(?:{safe or NEVER})\b")
        press = "|".join(fold(line).replace(" ", r"\s+") for line in tools.words.get("publicity", ()))
        self.press = re2.compile(rf"\b(?:{press or NEVER})\b")

    @property
    def patterns(self) -> Mapping[str, str]:
        """Two expressions a kind: words about one person, and nouns."""
        tables = cast("Mapping[str, Mapping[str, Sequence[str]]]", self.tools.data.get(self.name, {}))
        return {
            f"{kind}_{part}": alternation(lines)
            for kind in self.kinds
            for part in ("about", "noun")
            if (lines := tables.get(kind, {}).get(part, ()))
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Words by text, then the person each is about."""
        if not scan.touches(self.name):
            return
        for text, terms in self.terms(scan):
            people = People(text, scan, self.names)
            grades: dict[str, Confidence] = {}
            for term in terms:
                grade = self.grade(people, term)
                if grade:
                    grades[term.kind] = max(grade, grades.get(term.kind, grade))
            distinct = len({term.span.matched for term in terms if term.kind in grades})
            for kind, grade in grades.items():
                yield self.finding(
                    text.where, self.level(people, grade, distinct), self.why(kind, grade), count=1, kind=kind
                )

    def level(self, people: People, grade: Confidence, distinct: int) -> Confidence:
        """How sure all the words of one text make us."""
        raise NotImplementedError

    def why(self, kind: str, grade: Confidence) -> str:
        """One sentence without content."""
        raise NotImplementedError

    def grade(self, people: People, term: Term) -> Confidence | None:
        """How sure one word makes us; what the press writes of public persons is low."""
        grade = people.grade(term)
        if grade and term.kind in self.reported and not people.numbered and self.press.search(term.span.near(PRESS)):
            return Confidence.LOW
        return grade

    def terms(self, scan: Scan) -> list[tuple[Text, list[Term]]]:
        """The words by text; services, places and talk of people in general are dropped."""
        found: dict[int, tuple[Text, list[Term]]] = {}
        for kind in self.kinds:
            for about, name in ((True, f"{kind}_about"), (False, f"{kind}_noun")):
                if self.seen(scan, name, LAYERS):
                    for span in islice(self.spans(scan, name, LAYERS), MOST):
                        if not self.general(span):
                            found.setdefault(id(span.text), (span.text, []))[1].append(Term(kind, span, about))
        return list(found.values())

    def general(self, span: Span) -> bool:
        """True where the word names a service or place, an empty field, the past, or speaks of people in general."""
        folded = span.text.folded
        ahead, behind = folded[max(0, span.start - 50) : span.start + 1], folded[span.end - 1 : span.end + 30]
        if span.matched.rstrip()[-2:].find(":") >= 0 and EMPTY.search(folded[span.end - 1 : span.end + 40].lstrip(":")):
            return True
        return bool(self.safe.search(behind) or GENERIC.search(ahead) or LONG_AGO.search(span.near(60)))


@dataclass(frozen=True)
class Term:
    """A word of one kind; `about` where it speaks of one person by itself."""

    kind: str
    span: Span
    about: bool


class People:
    """The persons one text is about."""

    def __init__(self, text: Text, scan: Scan, names: Names) -> None:
        self._text, self._names, self._scan = text, names, scan
        self._numbers = self.starts(*IDENTIFIERS)
        self.numbered = False

    def starts(self, *rules: str) -> list[int]:
        """Where these rules found something in this text."""
        return [span.start for name in rules for span in places(self._scan, name) if span.text is self._text]

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
        return Confidence.MEDIUM if self.form or self.named(span) else Confidence.LOW

    def named(self, span: Span) -> bool:
        """True where a name stands in the passage."""
        return any(self._names.find(around(self._text, span.start, span.end, PASSAGE)))

    def linked(self, span: Span) -> bool:
        """True where a name, or a pronoun for one in the passage, and the word are joined in one sentence."""
        ahead = ahead_of(self._text, span.start + 1, SENTENCE)
        ends = [end for end in SENTENCE_END.finditer(ahead) if not TITLE_DOT.search(ahead[: end.start() + 2])]
        sentence = ahead[ends[-1].end() - 1 :] if ends else ahead
        last = max((name.end for name in self._names.find(sentence)), default=-1)
        if last >= 0 and LINK.search(fold(sentence[last:])) is not None:
            return True
        return OTHER.search(fold(sentence)) is not None and (self.form or self.named(span))

    def personal(self, span: Span, width: int = 160) -> bool:
        """True where a pronoun for one person stands near, or the letter speaks to him."""
        spoken = self.form and YOU.search(span.matched) is not None
        return spoken or HE_SHE.search(span.near(width)) is not None


def alternation(lines: Sequence[str]) -> str:
    """Phrases as one RE2 expression at word boundaries."""
    made = "|".join(_folded(line).replace(" ?:", r"\s?:").replace(" ", r"\s+") for line in lines)
    return rf"(?:^|[^a-z])(?:{made})(?:[^a-z]|$)"


def _folded(line: str) -> str:
    """Folded but for the classes of an expression: a capital letter after a backslash is the contrary."""
    return "".join(part if part.startswith("\\") else fold(part) for part in CLASS.split(line))

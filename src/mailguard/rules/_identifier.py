"""The form of a rule for one kind of identifier. Law: a check digit never decides alone, and a word never alone.

A number is *labelled* where words name it ("NHS No: 943 476 5919"), *hinted* where words of its world are about
("patient", "GP"), else *bare*. `Grades` says how sure each makes the rule, with a right check digit and with a wrong
one (people mistype, and made-up numbers in letters fail). What is nearer called something else does not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from mailguard.mail.contents import Text
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.context import (
    AFTER,
    BEFORE,
    Context,
    Vocabulary,
    Words,
    follows,
    in_address,
    joined_to_digits,
    phrases,
)
from mailguard.matching.identifiers import compact
from mailguard.matching.scan import Scan, Span
from mailguard.rules._crowd import Crowds, Way
from mailguard.rules.rule import SELF, Options, Rule, Tools

Grade = Confidence | None
MANY = 3


@dataclass(frozen=True)
class Grades:
    """How sure a rule is of a valid number (labelled, hinted, bare), and of a labelled one that fails its check."""

    labelled: Grade = Confidence.HIGH
    hinted: Grade = Confidence.MEDIUM
    bare: Grade = Confidence.LOW
    faulty: Grade = Confidence.MEDIUM


@dataclass(frozen=True)
class Accepted:
    """A match that counts, its letters and digits, and how sure it is."""

    span: Span
    number: str
    grade: Confidence


class Identifier(Rule):
    """Base of the rules that look for numbers of one kind. Subclasses set `thing`, `number`, `grades`, `valid`."""

    family = "personal_data"
    wakes = (SELF,)
    thing: ClassVar[str]
    number: ClassVar[str]
    grades: ClassVar[Grades] = Grades()
    needs_label: ClassVar[bool] = False
    before: ClassVar[int] = BEFORE
    after: ClassVar[int] = AFTER

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        self.vocabulary = vocabulary(tools, self.name)
        # What is only `about` such numbers names one as weakly as can be; the rule says what else is needed.
        self.label = (*self.vocabulary.get("label", ()), *self.vocabulary.get("about", ()))
        weak = frozenset((*self.vocabulary.get("weak", ()), *self.vocabulary.get("about", ())))
        common = vocabulary(tools, "any_identifier")
        despite = frozenset(self.vocabulary.get("despite", ()))
        self.words = Words(
            self.label,
            self.vocabulary.get("hint", ()),
            (*self.vocabulary.get("other", ()), *(word for word in common.get("other", ()) if word not in despite)),
        )
        # Words that name such a number and nothing else; "car" and "born" stand beside other numbers too.
        strong = (word for word in self.label if word not in weak)
        self.strong = Vocabulary(strong) if weak else self.words.label

    @property
    def patterns(self) -> Mapping[str, str]:
        """The shape of the number, and the words that name it."""
        return {"number": self.number, "label": phrases(self.label)}

    def valid(self, number: str, span: Span) -> bool:
        """True where the number's check digit or structure is right. `number` has letters and digits alone."""
        raise NotImplementedError

    def bare(self, number: str, span: Span) -> Grade:
        """How sure the shape alone makes us."""
        return self.grades.bare

    def grade(self, number: str, span: Span, context: Context) -> Grade:
        """How sure we are of one number; None where it is not one."""
        if context.other:
            return None
        if self.valid(number, span):
            if context.labelled:
                return self.grades.labelled
            return max_grade(self.grades.hinted if context.hinted else None, self.bare(number, span))
        return self.grades.faulty if context.labelled else None

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """One finding a place and confidence, with the count of distinct numbers."""
        if (
            not scan.touches(self.name)
            or not self.seen(scan, "number")
            or (self.needs_label and not self.seen(scan, "label"))
        ):
            return
        found: dict[str, dict[str, Confidence]] = defaultdict(dict)
        accepted = list(self.accepted(scan))
        keep(scan, self.name, [item.span for item in accepted if item.grade > Confidence.LOW])
        keep(scan, f"{self.name}?", [item.span for item in accepted if item.grade is Confidence.LOW])
        for item in accepted:
            seen = found[item.span.text.where]
            seen[item.number] = max(seen.get(item.number, item.grade), item.grade)
        for where, numbers in found.items():
            yield from self.report(where, self.raised(where, numbers, scan))

    def accepted(self, scan: Scan) -> Iterable[Accepted]:
        """Every match that is graded."""
        crowds, surest = Crowds(self.labels(scan), self.before, self.after), Confidence.LOW
        for span in self.spans(scan, "number"):
            way = crowds.way(span)
            number = compact(span.last)
            # What must be named is none by its form, and may have no form to be right in.
            if way is Way.FORM and (self.needs_label or not self.valid(number, span)):
                continue
            if in_address(span) or (joined_to_digits(span) and not follows(span, self.words.label)):
                continue
            if way is Way.FORM:
                grade = self.bare(number, span)
                grade = grade and min(grade, surest)
            elif way is Way.NAMED:
                grade = self.grade(number, span, Context(labelled=True))
            else:
                about = self.words.about(span, self.before, self.after)
                grade = self.grade(number, span, about)
                surest = surest if grade is None or about.labelled else max(surest, grade)
            if grade is not None:
                yield Accepted(span, number, grade)

    def labels(self, scan: Scan) -> Iterable[Span]:
        """Where words that name such numbers stand."""
        return self.spans(scan, "label") if self.seen(scan, "label") else ()

    def raised(self, where: str, numbers: dict[str, Confidence], scan: Scan) -> dict[str, Confidence]:
        """Many valid numbers under one label (a column, a list) confirm each other."""
        labelled = any(text.where == where for text in self.texts_with(scan, "label"))
        if len(numbers) < MANY or not labelled:
            return numbers
        return {number: max(grade, Confidence.MEDIUM) for number, grade in numbers.items()}

    def texts_with(self, scan: Scan, pattern: str) -> Iterable[Text]:
        """The texts in which one of this rule's expressions occurs."""
        return {id(span.text): span.text for span in self.spans(scan, pattern)}.values()

    def report(self, where: str, numbers: Mapping[str, Confidence]) -> Iterable[Finding]:
        """Findings of one place, the surest first."""
        for grade in sorted(set(numbers.values()), reverse=True):
            things = [number for number, had in numbers.items() if had == grade]
            yield self.finding(where, grade, self.why(len(things), grade), things=things)

    def why(self, count: int, grade: Confidence) -> str:
        """One sentence without content."""
        words = {
            Confidence.HIGH: "named as such in the text, and right in form",
            Confidence.MEDIUM: "of the right form or named as such, not both beyond doubt",
            Confidence.LOW: "by shape alone",
        }
        return f"{count} {self.thing}{'' if count == 1 else 's'}, {words[grade]}."


def keep(scan: Scan, name: str, spans: Sequence[Span]) -> None:
    """Leave the places of what a rule found to the rules of a later rank (`person_record`, `special_category`)."""
    scan.once(f"places.{name}", lambda: tuple(spans))


def places(scan: Scan, name: str) -> tuple[Span, ...]:
    """The places an earlier rule left; none where it did not run or found nothing."""
    return scan.once(f"places.{name}", tuple)


def vocabulary(tools: Tools, name: str) -> Mapping[str, tuple[str, ...]]:
    """A table of `config/words/identifiers.toml`: lists of words by their part (label, hint, other, despite)."""
    table = cast("Mapping[str, Any]", tools.data.get("identifiers", {}).get(name, {}))
    return {key: tuple(value) for key, value in table.items()}


def max_grade(*grades: Grade) -> Grade:
    """The surer one; None where all are."""
    return max((grade for grade in grades if grade is not None), default=None)

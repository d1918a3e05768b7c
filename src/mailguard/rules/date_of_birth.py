"""Finds dates of birth. Law: a date is one only where words say so; "born in 1950" of a writer is weak.

Source: Manchester s6.2.2 and Lancashire protocol Appendix A (SEC-1: birth date with name and address; see
`person_record` for the joining).
"""

from __future__ import annotations

from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence
from mailguard.matching.context import Context, Vocabulary
from mailguard.matching.dates import DATE, birth_date
from mailguard.matching.scan import WRITTEN, Span
from mailguard.rules._identifier import Grade, Identifier
from mailguard.rules.rule import Options, Tools

# A weak word as a form has it: "Born: 12/04/1978".
FORM = re2.compile(
    r"(?:^|\W)(?:born(?: on)?|birthday|ganwyd|ganed|geni)(?:\W{0,3}[:=|?;\t]\W{0,4}|\s{2,12}|\W{0,2} [-] )$"
)
BACK = re2.compile(r"^(?: ?\(| - )(?:born(?: on)?|birthday)\b")
HE_WAS = re2.compile(
    r"\b(?:(?:he|she|i|who|ganwyd ef|ganwyd hi) (?:was )?born|(?:his|her) birthday is) ?(?:on )?(?:the )?$"
)
I_WAS = re2.compile(r"\bi (?:was )?born ?(?:on )?(?:the )?$")
# A weak word names the date behind it, and none that comes after: "born on 3 March 1950 and 76 on 11 May 2026".
BORN_THEN = re2.compile(
    rf"\b(?:born|birthday|ganwyd|ganed)\b(?:[^a-z\n]{{1,4}}(?:on )?(?:the )?{DATE}|[^.!?\n]{{0,24}}\b1[5-9]\d\d)\b"
)
FAR, SENTENCES = 36, re2.compile(r"[.!?]\s|\n\n")
FIGURES = re2.compile(r"^[^a-z]+$")


class DateOfBirth(Identifier):
    """A date beside its label, in front or behind."""

    name = "date_of_birth"
    source = "SEC-1; Manchester s6.2.2"
    thing = "date of birth"
    number = rf"\b{DATE}\b"
    needs_label = True
    before = 64
    after = 28
    hits: ClassVar[tuple[str, ...]] = (
        "Date of birth: 12/04/1978",
        "DOB 12.4.78",
        "dyddiad geni: 3 Mawrth 1950",
        "12 April 1978 (d.o.b.)",
        "Date of Birth\n1978-04-12",
        '"birthDate": "1936-02-24"',
    )
    misses: ClassVar[tuple[str, ...]] = (
        "The meeting is on 12/04/2024",
        "Please give your date of birth on the form by return.",
        "born in 1950",
        "Date of birth is needed. The meeting of the committee that decides the matter is on 12/04/2024",
    )

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        weak = set(self.vocabulary.get("weak", ()))
        self.strong = Vocabulary(word for word in self.vocabulary.get("label", ()) if word not in weak)

    def grade(self, number: str, span: Span, context: Context) -> Grade:
        """Named by a form's words it is medium; by "born", low."""
        if not context.labelled or not birth_date(span.matched):
            return None
        text = span.text.folded
        ahead = text[max(0, span.start - self.before) : span.start]
        if len(ahead) - self.words.label.last(ahead)[0] > FAR and not context.heading:
            ahead = SENTENCES.split(ahead)[-1]
            if not self.words.label.within(ahead + text[span.start : span.end + self.after]):
                return None
        behind = text[span.end : span.end + self.after]
        if not context.heading and BORN_THEN.search(ahead) and not self.words.label.within(behind):
            return None
        near = context.heading or ahead + text[span.start : span.end + self.after]
        # "I was born" in what the member writes tells his own.
        told = HE_WAS.search(ahead) and not (span.text.layer in WRITTEN and I_WAS.search(ahead))
        strong = (
            self.strong.within(near)
            or FORM.search(ahead)
            or BACK.search(text[span.end : span.end + 12])
            or (FIGURES.match(span.matched) and told)
        )
        return Confidence.MEDIUM if strong else Confidence.LOW

"""Finds dates of birth. Law: a date is one only where words say so; "born in 1950" of a writer is weak.

Source: Manchester s6.2.2 and Lancashire protocol Appendix A (SEC-1: birth date with name and address; see
`person_record` for the joining).
"""

from __future__ import annotations

from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence
from mailguard.matching.context import Context
from mailguard.matching.dates import DATE, birth_date, year_of
from mailguard.matching.names import KIN, around
from mailguard.matching.scan import WRITTEN, Span
from mailguard.rules._identifier import Grade, Identifier

# A weak word as a form has it: "Born: 12/04/1978".
FORM = re2.compile(
    r"(?:^|\W)(?:born(?: on)?|birthday|ganwyd|ganed|geni)(?:\W{0,3}[:=|?;\t]\W{0,4}|\s{2,12}|\W{0,2} [-] )$"
)
BACK = re2.compile(r"^(?: ?\(| - )(?:born(?: on)?|birthday)\b")
HE_WAS = re2.compile(
    r"\b(?:(?:he|she|i|who|ganwyd ef|ganwyd hi) (?:was )?born|(?:his|her) birthday is) ?(?:on )?(?:the )?$"
)
BIRTHDAY_IS = re2.compile(r"\b(?:his|her) birthday is (?:on )?(?:the )?$")
# A line of its own under a name: "Born 12/04/1978".
LINE = re2.compile(r"\n\W{0,3}(?:born|ganwyd)(?: on)? $")
# Who is meant stands before "born" as in a file, or what follows tells of his life now.
FILED = re2.compile(
    rf"(?:\b(?:my|his|her|our|their) (?:late )?(?:{KIN})\b|(?:^|\n)re:? |\b(?:mum|dad|tenant|resident"
    r"|constituent|client|patient|pupil|claimant|applicant)\b)[^.!?\n]{2,44}\bborn ?(?:on )?(?:the )?$"
)
NOW = re2.compile(
    r"^\)?,? ?(?:and |who |he |she )*(?:lives alone|needs|can't|cannot|can no longer|is"
    r" (?:disabled|housebound|waiting|in care|vulnerable)"
    r"|has (?:dementia|been (?:refused|waiting|told|turned down)|no ))\b"
)
# "Born" and a full date, but in no account of a public life: such tells where, and what became of him.
BORN = re2.compile(r"\bborn ?(?:on )?(?:the )?$|[a-z)], ?\(?b\. ?$|[a-z] \(b\. ?$")
BIRTHDAY = re2.compile(r"'s birthday (?:as|is|was|on) (?:the )?$")
# A condition of age speaks of nobody.
WHOEVER = re2.compile(
    r"\b(?:if|any|anyone|those|people|children|babies|men|women|pupils|everyone|your child|you"
    r"|were) (?:\w+ ){0,4}born\b"
)
LIMIT = re2.compile(r"^ (?:or (?:later|after|before|earlier)|and (?:\d|before|after|later)|to \d|until|onwards)")

PUBLIC_LIFE = re2.compile(
    r"\b(?:cllr|councillor|mayor|mp|elected|served|author|poet|writer|artist|singer|player|actor|composer|career|died"
    r"|educated|graduated|joined|founded|founder|candidate|king|queen|prince|princess|saint|hero|history|soldier|regiment"
    r"|famous|birthplace|born (?:and raised )?in|plaque|memorial|biography|century)\b"
)
PLACE = re2.compile(r"^,? (?:in|at|near|to) [a-z]")
LATEST, LIFE_TOLD, NAMED = 1925, 200, 44
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
        "Dad (Owen Price, born 3 March 1950) needs a ramp",
        "Mary Jones was born on 3 March 1950 and lives alone.",
        "Mrs Mary Jones, b. 03/03/1950",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "The meeting is on 12/04/2024",
        "Please give your date of birth on the form by return.",
        "born in 1950",
        "The poet was born on 3 March 1950 and wrote forty books.",
        "She was born on 3 March 1950 in Wigan.",
        "If your child was born on 1 September 2020 or later, apply now",
        "The library's birthday is 12 March 2026.",
        "Date of birth is needed. The meeting of the committee that decides the matter is on 12/04/2024",
    )

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
            or (told and (FIGURES.match(span.matched) or BIRTHDAY_IS.search(ahead)))
            or (LINE.search(ahead) and not text[span.end : span.end + 8].split("\n")[0].strip())
            or FILED.search(ahead)
            or self.private_life(span, ahead)
            or (self.words.label.last(ahead)[1] and NOW.search(text[span.end : span.end + 60]))
        )
        return Confidence.MEDIUM if strong else Confidence.LOW

    def private_life(self, span: Span, ahead: str) -> bool:
        """True for "born" and a date within living memory, told of nobody known and without the place."""
        born = BORN.search(ahead) and not WHOEVER.search(ahead)
        if not born and BIRTHDAY.search(ahead):
            born = any(self.tools.names.find(around(span.text, span.start, span.start, NAMED)))
        if not born or year_of(span.matched) < LATEST:
            return False
        if span.text.layer in WRITTEN and I_WAS.search(ahead):
            return False
        behind = span.text.folded[span.end : span.end + 24]
        return not PLACE.search(behind) and not LIMIT.search(behind) and not PUBLIC_LIFE.search(span.near(LIFE_TOLD))

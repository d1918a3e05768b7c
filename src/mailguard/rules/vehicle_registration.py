"""Finds registration marks. Law: a mark that nothing names is low, as is a vehicle that is nobody's by the words.

Source: DVLA INF104 (styles of 2001, 1983, 1963); SEC-1.
"""

from __future__ import annotations

from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence
from mailguard.matching.context import Context, Vocabulary
from mailguard.matching.identifiers import NORTHERN_MARK, registration_valid
from mailguard.matching.names import KIN, around
from mailguard.matching.scan import WRITTEN, Span
from mailguard.rules._identifier import Grade, Grades, Identifier
from mailguard.rules.rule import Options, Tools

OWNED = re2.compile(
    rf"\b(?:my (?:{KIN})(?:'s)?|my|his|her|they|their|mr|mrs|ms|miss|mx|he|she|owner|holder|neighbour|belongs"
    r"|drives|in the name of|registered to"
    r"|keeper)\b"
)
BY_DRIVER = re2.compile(
    r"\b(?:he|she|mr|mrs|ms|miss|mx|my|his|her|hers|drives|in the name of|keeper|belongs|neighbour|driver lives)\b"
)
NAME, BESIDE = 45, 24
# Squares of the national grid (NZ 2764, SZ 4588) are written as the oldest marks of Northern Ireland are.
SQUARE = re2.compile(r"^[hnostz]z\d{4}$")


class VehicleRegistration(Identifier):
    """AB51 ABC, A123 ABC, ABC 123A; Northern Ireland's ABZ 1234 where words name it."""

    name = "vehicle_registration"
    source = "SEC-1; DVLA INF104"
    thing = "vehicle registration"
    number = (
        r"\b(?:[a-z]{2}\d\d ?[a-z]{3}|[a-z]\d{1,3} ?[a-z]{3}|[a-z]{3} ?\d{1,3}[a-z]"
        r"|(?:[a-z]?(?:[a-hj-z]z|i[abjlw])|[a-z](?:ig|[joux]i)) ?\d{3,4})\b"
    )
    before = 40
    grades = Grades(Confidence.MEDIUM, Confidence.LOW, Confidence.LOW, None)
    hits: ClassVar[tuple[str, ...]] = (
        "My car reg is AB51 ABC and the permit ran out",
        "Vehicle registration: BD19 XYZ",
        "rhif cofrestru AB51ABC",
        "BD19 XYZ (registration)",
        "Reg number: FHZ 3372",
        "Car reg MIG 4598, Mrs Price",
        "He parks his BMW BD19 XYZ on the verge",
        "Megan Price, BD19 XYZ",
        "A grey van (BD19 XYZ) was fly-tipping behind the garages",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Planning ref AB51 ABC",
        "registration O123 BCD",
        "registration AQ51 ABC",
        "car park at M456 the",
        "Ref ABZ 1234 and 3 others",
        "Crew 7, vehicle BD19 XYZ, driver Kev",
        "My car is AB51 ABC",
        "Fallen tree seen by Megan Price, NZ 2764",
        "Gritter BD19 XYZ, driver Mr Dunn",
        "The old bus, reg ABC 123D, is on show at the museum",
    )

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        self.names = tools.names
        self.accused = Vocabulary(self.vocabulary.get("accused", ()))
        self.fleet = Vocabulary(self.vocabulary.get("fleet", ()))

    def grade(self, number: str, span: Span, context: Context) -> Grade:
        """ "Vehicle AB51 ABC" alone may be a fleet's and "my car" the member's; "his van AB51 ABC" is a person's."""
        grade = super().grade(number, span, context)
        if grade is None or context.other:
            return None
        if grade is Confidence.LOW and not context.labelled and NORTHERN_MARK.match(number) and "z" not in number:
            return None
        near = span.near(self.before)
        if self.accused.within(near) and (context.labelled or context.hinted) and not self.fleet.within(near):
            return Confidence.MEDIUM
        if self.strong.within(near) and grade is Confidence.MEDIUM and not self.fleet.within(near):
            return grade
        if grade is Confidence.MEDIUM:
            return grade if self.owned(span) or self.named_by(span, NAME) else Confidence.LOW
        if self.fleet.within(span.near(BESIDE)):
            return grade
        beside = self.named_by(span, BESIDE) and not SQUARE.match(number)
        if (context.hinted and self.driven(span)) or beside:
            return Confidence.MEDIUM
        return None if NORTHERN_MARK.match(number) else grade

    def owned(self, span: Span) -> bool:
        """True where words say whose it is; "my" alone, in what the member writes, says that it is his own."""
        words = {match.group() for match in OWNED.finditer(span.near(60))}
        his = span.text.layer not in WRITTEN or self.words.hint.within(span.near(60))
        return bool(words - {"my"}) or (bool(words) and his)

    def named_by(self, span: Span, width: int) -> bool:
        """True where a person's name stands as near as that, on the same line or the next."""
        passage = around(span.text, span.start, span.end, width)
        return any(self.names.find(passage))

    def driven(self, span: Span) -> bool:
        """True where a make or a word of parking and a person stand by the mark."""
        near = span.near(60)
        return self.words.hint.within(near) and (BY_DRIVER.search(near) is not None or self.named_by(span, NAME))

    def valid(self, number: str, span: Span) -> bool:
        """A style and letters that are given out."""
        return registration_valid(number) and not _word(number)


def _word(number: str) -> bool:
    """Folded "a 4 the"-like runs: the three letters are a common word."""
    return any(number.endswith(word) for word in ("the", "and", "for", "are", "was", "per", "new", "may", "kwh", "hrs"))

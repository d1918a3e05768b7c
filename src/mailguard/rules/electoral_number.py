"""Finds electors' numbers. Law: without its name the shape (district, number) is nothing.

Source: Representation of the People (England and Wales) Regulations 2001, reg. 40-41 (numbering of the register);
SEC-1 (electoral roll extract).
"""

from __future__ import annotations

from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence
from mailguard.matching.context import Context, Vocabulary
from mailguard.matching.identifiers import compact
from mailguard.matching.names import around
from mailguard.matching.scan import Span
from mailguard.rules._identifier import Grade, Identifier
from mailguard.rules.rule import Options, Tools

PROSE = frozenset({
    "a", "as", "at", "by", "in", "is", "no", "of", "on", "or", "to", "the", "and", "for", "was", "are", "has",
    "may", "had", "all", "up", "i", "we", "id", "ref", "nr",
})  # fmt: skip
DISTRICT = re2.compile(r"^[a-z]{1,3}\d{0,2}[ /.-]{1,3}\d{1,5}(?:[/.-]\d{1,2})?$|^[a-z]{2,3}\d{2,6}$")
ROAD_LIKE = re2.compile(r"^[a-z]\d+$")
NAMED = re2.compile(r"(?:number|numbers|no|nr|num|ref|id|entry|rhif|etholwr|elector)[\s.:#=(-]{0,4}(?:is |was )?$")
# "Electoral number: AT 621": after the colon even a word of prose is a polling district.
GIVEN = re2.compile(r"(?:number|no|nr|num|ref|elector)\.?[:=#] ?[a-z]{1,3} $")
COUNTED = re2.compile(r"^(?:,\d{3})? ?(?:electors|voters|names|households|homes|properties|people|entries)\b")
COUNTED_BEFORE = re2.compile(r"\b(?:number|numbers|total|turnout|share|list) of (?:electors|voters)\b[^.!?\n]*$")
NEAR = 60
# The form beyond doubt, as a register prints it; and registers of other things.
VOTERS = re2.compile(r"^[a-z]{1,3}\d{0,2}(?:[/-]\d{2,4}(?:[/-]\d{1,2})?| \d{2,4})$|^[a-z]{2,3}\d{3,4}$")
HE = re2.compile(r"\b(?:he|she|his|her|him)\b")
OTHER_ROLL = re2.compile(
    r"\b(?:interests|risk|asset|gas safe|register office|registrar|births?|marriages?|land registry|housing register"
    r"|attendance|school|gifts|payroll|rolls? of|polling (?:district|station|place)s? [a-z]{1,3}\d?[ /-]|item|agenda"
    r"|minute|section|wards? [a-z]{1,3}\d?|order|invoice|printers?)\b"
)


class ElectoralNumber(Identifier):
    """Polling district and number: AB1-1234, BC 123/1."""

    name = "electoral_number"
    source = "SEC-1; SI 2001/341"
    thing = "elector number"
    # A district's letters, but not the "no." of "elector no. 1614".
    number = (
        r"\b(?:(?:[a-mo-z][a-z]{0,2}|n(?:[a-np-z][a-z]?)?)\d{0,2}[ /.-]{1,3}\d{1,5}(?:[/.-]\d{1,2})?"
        r"|[a-z]{1,3}\d{2,6}|\d{2,8}(?:[/-]\d{1,2})?)\b"
    )
    needs_label = True
    before = 40
    after = 36
    hits: ClassVar[tuple[str, ...]] = (
        "Elector number: AB1-1234",
        "electoral number BC 123/1",
        "rhif etholwr: CD2 456",
        "Postal vote for Ann Brown, elector no. 1614.",
        "Elector DM9 - 1026 says she was turned away",
        "Her elector number is 2080",
        "Poll number A1234, Ann Brown",
        "Electoral number: AT 621",
        "Voter Ann Brown, AB1/1234, wants a lift to the polling station",
        "On the register she is AB-1234",
        "Number AB2-123 on the register is Ann Brown",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Every elector in 2080 streets",
        "Polling district AB1 has 1234 electors",
        "The electoral register closes soon",
        "The number of electors in EA is 1,204 and in EB 987.",
        "The electoral registration team have moved to the A1234",
        "Asset register AB-1234 is with Ann Brown",
        "The register AB1-1234 is in the members' room",
        "The register AB-1 to AB-9 is for Mr Brown",
        "Ann Brown will be at polling station AB/12",
        "Electoral register:\nAB1: 1,204 electors\nAB2: 998 electors",
    )

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        self.naming = Vocabulary(self.vocabulary.get("label", ()))

    def grade(self, number: str, span: Span, context: Context) -> Grade:
        """Named, and with a digit; what reads as a year only where its name stands right before it."""
        if not context.labelled:
            return None
        first, _, rest = span.matched.partition(" ")
        if first in PROSE:
            # "number is 1734/1": the word before a number is no polling district.
            number = compact(rest)
        text = span.text.folded
        if COUNTED_BEFORE.search(text[max(0, span.start - 64) : span.start]):
            return None
        if COUNTED.search(text[span.end : span.end + 16]) or "polling districts" in span.near(64):
            return None
        fits = any(character.isdigit() for character in number) and 2 < len(number) <= 12
        if not fits:
            return None
        near = span.near(max(self.before, self.after))
        if not self.strong.within(near) and (first in PROSE or not DISTRICT.match(span.matched)):
            return None
        if not self.naming.within(near):
            return Confidence.MEDIUM if self.of_voter(span) else None
        at = span.start + (len(first) + 1 if first in PROSE else 0)
        ahead = span.text.folded[max(0, at - self.before) : at]
        named = NAMED.search(ahead) is not None or (first in PROSE and GIVEN.search(ahead) is not None)
        if ROAD_LIKE.match(span.matched) and not named:
            return None
        year = len(number) == 4 and number.startswith(("19", "20"))
        return Confidence.MEDIUM if named or not (year or first in PROSE) else None

    def of_voter(self, span: Span) -> bool:
        """True for district and number beside a person, where the words are of the register and of no other one."""
        text, near = span.text, span.near(NEAR)
        same = len(text.content) == len(text.folded)
        if not VOTERS.match(span.matched) or OTHER_ROLL.search(near) or (same and text.content[span.start].islower()):
            return False
        return HE.search(near) is not None or any(self.tools.names.find(around(text, span.start, span.end, NEAR)))

"""Lists of people without columns: a line each. Law: three lines or more, each a person and something about him.

Used by `people_list`, for club registers, extracts of the electoral register, objectors, referrals. Lines about
office-holders, candidates, firms and planning applications are public and do not count.
"""

from __future__ import annotations

from dataclasses import dataclass

import re2

from mailguard.matching.dates import DATE
from mailguard.matching.identifiers import POSTCODE
from mailguard.matching.names import NO_NAME, Names

FEWEST, LONGEST, MOST = 3, 240, 400
STREETS = (
    r"(?:road|rd|street|st|avenue|ave|lane|close|drive|way|court|crescent|place|terrace|gardens|grove|square|hill|park|row|walk"
    r"|mews|green|rise|view|bank|brow|fold|croft|meadows?|top|heol|stryd|ffordd)"
)
KINDS = {
    "address": re2.compile(rf"(?i)\b\d{{1,4}}[a-z]?,? (?:[a-z'’.-]{{2,20}} ){{1,3}}{STREETS}\b|\b{POSTCODE}\b"),
    "phone": re2.compile(r"(?:\+44|\b0)[ \d()-]{9,13}\d\b"),
    "e-mail": re2.compile(r"\b[\w.+-]+@(?:gmail|hotmail|yahoo|outlook|btinternet|sky|icloud|live|aol|talktalk)\."),
    "date of birth": re2.compile(rf"(?i)\b{DATE}\b"),
}
PUBLIC = re2.compile(
    r"(?i)\b(?:cllr|councillor|cyng|chair(?:man)?|secretary|treasurer|president|clerk|officer|manager|head of|director"
    r"|mayor|ltd|limited|plc|council|team|labour|conservative|green party|liberal|independent|reform|plaid|proposed by"
    r"|school|office|hall|club|centre|library|applicant|dwelling|extension|conservatory|felling|\d\d/\d{3,5}|v|beat|lbw)\b"
)
# A planning register's reference: its applicants' names and addresses are published.
APPLICATION = re2.compile(r"\b\d{2,4}/\d{3,5}(?:/[A-Za-z0-9]+)*\b")
# "AB1-0101 Barlow, Ann M", "214 HOLDEN Marjorie A": how a register names.
ENTRY = re2.compile(
    r"^\W{0,3}(?:[A-Z]{1,3}\d{0,2}[ -]?)?\d{1,5}(?:/\d)?[.,]?\s+(\p{Lu}[\p{L}'’-]+),? (\p{Lu}\p{Ll}+)"
    r"(?: \p{Lu}\.?| \p{Lu}\p{Ll}+)?\b"
)


@dataclass(frozen=True)
class Lines:
    """How many lines are about a person each, and which kinds of data they hold."""

    count: int
    kinds: tuple[str, ...]


def people_lines(content: str, names: Names) -> Lines | None:
    """The people of a text by its lines; None where there are fewer than three."""
    count, kinds = 0, dict.fromkeys(("name",))
    for line in content.split("\n")[:MOST]:
        told = _kinds(line) if 12 <= len(line) <= LONGEST else ()
        if told and _person(line, names):
            count += 1
            kinds.update(dict.fromkeys(told))
    return Lines(count, tuple(kinds)) if count >= FEWEST else None


def _kinds(line: str) -> tuple[str, ...]:
    return tuple(kind for kind, expression in KINDS.items() if expression.search(line))


def _person(line: str, names: Names) -> bool:
    if PUBLIC.search(line):
        return False
    entry = ENTRY.search(line)
    if entry and NO_NAME.isdisjoint(entry.groups()):
        return True
    return any(name.start < 30 for name in names.find(line))

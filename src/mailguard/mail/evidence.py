"""What rules and defences say of a mail. Law: a finding never holds the matched text (design law 8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class Confidence(IntEnum):
    """How sure a rule is. The base preset acts from `MEDIUM` on."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @classmethod
    def parse(cls, word: str) -> Confidence:
        """`low`, `medium` or `high`; raises KeyError."""
        return cls[word.upper()]

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Finding:
    """One thing a rule saw.

    `rule` is the rule's name, `where` the place in words ("body", "Residents.xlsx, sheet 'Sheet2' (hidden)"),
    `count` of distinct things, `why` one sentence without content, `kind` a word a clause may select on,
    `fingerprint` a keyed hash that is equal for equal things. `masked` is for a case alone, and for
    the person at the terminal who already holds the mail; it is not in `repr`.
    """

    rule: str
    where: str
    count: int
    confidence: Confidence
    why: str
    kind: str = ""
    fingerprint: str = ""
    masked: str = field(default="", repr=False, compare=False)
    family: str = ""


@dataclass(frozen=True)
class Exemption:
    """A named, tested defence that holds for this mail, and one sentence of why."""

    name: str
    why: str

"""The actions, mildest first. Law: the strictest wins, and none of them discards (design law 10)."""

from __future__ import annotations

from enum import IntEnum


class Action(IntEnum):
    """What a clause may ask for. Up to ENCRYPT the mail is delivered; from WARN on it is stopped."""

    PASS = 0
    TAG = 1
    ENCRYPT = 2
    WARN = 3
    HOLD = 4
    DEFER = 5
    BLOCK = 6

    @classmethod
    def parse(cls, word: str) -> Action:
        """`pass`, `tag`, `encrypt`, `warn`, `hold`, `defer`, `block`; raises KeyError."""
        return cls[word.upper()]

    def __str__(self) -> str:
        return self.name.lower()

    @property
    def stops(self) -> bool:
        """True where the mail does not go to its recipients now."""
        return self >= Action.WARN

"""What one document may cost to read. Law: inflated bytes are counted, sizes in headers are never believed.

Figures after the archive guards of common mail scanners; the ratio has a floor so that a small, very regular
spreadsheet passes.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailguard.mail.contents import State


@dataclass(frozen=True)
class Limits:
    """Bytes, counts and seconds. `inline` is the size of mail that the mail worker still parses itself."""

    inflated: int = 100_000_000
    ratio: int = 200
    ratio_floor: int = 10_000_000
    depth: int = 4
    members: int = 1_000
    rows: int = 20_000
    cells: int = 200_000
    text: int = 4_000_000
    seconds: float = 20.0
    memory: int = 1_000_000_000
    inline: int = 1_000_000
    small_text: int = 64_000
    ocr: bool = False


class Refused(Exception):
    """A document, or a part of one, that is not read: `state` says which kind of no, `why` one sentence."""

    def __init__(self, state: State, why: str) -> None:
        super().__init__(why)
        self.state, self.why = state, why


class Budget:
    """What is left of the limits while one top-level document is read; shared by all that is nested in it."""

    def __init__(self, limits: Limits, size: int) -> None:
        self.limits, self.size = limits, size
        self.inflated = self.members = self.rows = self.cells = self.text = 0

    def inflate(self, count: int) -> None:
        """Count `count` unpacked bytes; raises Refused over the budget or the ratio."""
        self.inflated += count
        if self.inflated > self.limits.inflated:
            raise Refused(State.OVER_LIMIT, f"unpacks to more than {self.limits.inflated:,} bytes")
        if self.inflated > max(self.limits.ratio_floor, self.limits.ratio * self.size):
            raise Refused(State.OVER_LIMIT, f"unpacks to more than {self.limits.ratio} times its size")

    def member(self) -> None:
        """Count one member of a container; raises Refused over the limit."""
        self.members += 1
        if self.members > self.limits.members:
            raise Refused(State.OVER_LIMIT, f"holds more than {self.limits.members:,} files")

    def take_text(self, length: int) -> int:
        """How many of `length` characters may still be kept."""
        allowed = min(length, self.limits.text - self.text)
        self.text += allowed
        return allowed

    def take_row(self, width: int) -> bool:
        """True if one more table row of `width` cells may be kept."""
        if self.rows >= self.limits.rows or self.cells + width > self.limits.cells:
            return False
        self.rows += 1
        self.cells += width
        return True

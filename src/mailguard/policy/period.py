"""A stretch of time before a poll in which clauses may be stricter. Law: it has an end, and ends by itself (POL-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Period:
    """From the notice of election to the close of poll, both aware. `concerned`: for the ward that was asked for."""

    name: str
    kind: str
    start: datetime
    end: datetime
    wards: tuple[str, ...] = ()
    computed: bool = False
    concerned: bool = True

    def holds(self, at: datetime) -> bool:
        """True from the start of the day of the notice until the poll closes."""
        return self.start <= at < self.end

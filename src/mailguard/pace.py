"""How many messages a client or a member sent in the last hour. Law: over the limit is 451, so nothing is lost.

Counted by each mail worker for itself, so a limit is shared out among the workers; keys are kept in memory alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

HOUR = 3600.0


class Pace:
    """One limit: at most `limit` messages an hour for each key; None is no limit. `clock` gives seconds."""

    def __init__(self, limit: int | None, clock: Callable[[], float]) -> None:
        self._limit, self._clock = limit, clock
        self._sent: dict[str, deque[float]] = {}
        self._swept = clock()

    def allows(self, key: str) -> bool:
        """Count one more for `key`, unless it is over its limit."""
        if self._limit is None or not key:
            return True
        now = self._clock()
        self._sweep(now)
        sent = self._sent.setdefault(key, deque())
        while sent and sent[0] <= now - HOUR:
            sent.popleft()
        if len(sent) >= self._limit:
            return False
        sent.append(now)
        return True

    def _sweep(self, now: float) -> None:
        """Forget, once an hour, who sent nothing in it."""
        if now - self._swept < HOUR:
            return
        self._swept = now
        for key in [key for key, sent in self._sent.items() if not sent or sent[-1] <= now - HOUR]:
            del self._sent[key]

"""Can the parts the gateway leans on be reached? Law: a probe has a time limit and never carries a mail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

SECONDS = 3.0
FRESH = 2.0

Probe = Callable[[], Awaitable[bool]]


class Probes:
    """All probes by name, run side by side, and at most every FRESH seconds however often they are asked for."""

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self.probes = dict(probes)
        self._lock = asyncio.Lock()
        self._outcome: dict[str, bool] = {}
        self._at = -FRESH

    async def outcome(self) -> dict[str, bool]:
        """True by part where it answered."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if now - self._at >= FRESH or self._outcome.keys() != self.probes.keys():
                names, probes = list(self.probes), list(self.probes.values())
                answers = await asyncio.gather(*(self._one(probe) for probe in probes))
                self._outcome, self._at = dict(zip(names, answers, strict=True)), asyncio.get_running_loop().time()
            return dict(self._outcome)

    async def _one(self, probe: Probe) -> bool:
        try:
            async with asyncio.timeout(SECONDS + 1):
                return await probe()
        except Exception:  # whatever a driver raises for a database that is down: the answer is no
            return False

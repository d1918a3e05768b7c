"""Probes: honest, bounded and not repeated."""

from __future__ import annotations

import asyncio

from mailguard.daemon.probes import Probes


async def test_a_probe_that_raises_says_no_and_the_others_still_say() -> None:
    async def bad() -> bool:
        raise RuntimeError

    async def good() -> bool:
        return True

    assert await Probes({"store": bad, "next_hop": good}).outcome() == {"store": False, "next_hop": True}


async def test_many_askers_make_one_probe() -> None:
    count = 0

    async def counted() -> bool:
        nonlocal count
        count += 1
        return True

    asked = Probes({"store": counted})
    await asyncio.gather(*(asked.outcome() for _ in range(20)))
    assert count == 1


async def test_other_probes_are_made_at_once() -> None:
    async def good() -> bool:
        return True

    asked = Probes({"store": good})
    await asked.outcome()
    asked.probes = {"store": good, "encrypt": good}
    assert await asked.outcome() == {"store": True, "encrypt": True}

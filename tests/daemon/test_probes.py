"""Probes: honest, bounded and not repeated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from mailguard.config.values import Address
from mailguard.daemon import probes
from mailguard.daemon.probes import Probes, greets


@pytest.fixture
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Address]:
    done = asyncio.Event()

    async def client(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(request.param)
        if not request.param:
            await done.wait()
        writer.close()

    listening = await asyncio.start_server(client, "127.0.0.1", 0)
    yield Address(*listening.sockets[0].getsockname())
    done.set()
    listening.close()
    await listening.wait_closed()


@pytest.mark.parametrize(
    ("server", "up"),
    [(b"220 ready\r\n", True), (b"554 no\r\n", False), (b"\xff", False), (b"", False)],
    indirect=["server"],
)
async def test_a_hop_is_up_that_greets(server: Address, up: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "SECONDS", 0.3)
    assert await greets(server) is up


async def test_a_hop_that_is_not_there_is_down() -> None:
    assert await greets(Address("127.0.0.1", 1)) is False


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

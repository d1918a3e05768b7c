"""A front between a scripted next hop and a client made of bytes, on real sockets, under both event loops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import uvloop

from mailguard.mail.reply import Reply
from mailguard.smtp.front import Front
from mailguard.smtp.hop import HopPool
from mailguard.smtp.observer import SilentObserver
from mailguard.smtp.settings import FrontSettings, HopSettings, Limits
from mailguard.smtp.transaction import Transaction
from tests.peers.client import Client
from tests.peers.next_hop import EVERYTHING, NextHop


def pytest_asyncio_loop_factories(config: Any, item: Any) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


class Counting(SilentObserver):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def session_opened(self) -> None:
        self.told.append(("opened",))

    def session_closed(self) -> None:
        self.told.append(("closed",))

    def client_refused(self, why: str) -> None:
        self.told.append(("refused", why))

    def hop_replied(self, verb: str, code: int) -> None:
        self.told.append((verb, code))

    def bytes_received(self, count: int) -> None:
        self.told.append(("received", count))

    def bytes_delivered(self, count: int) -> None:
        self.told.append(("delivered", count))

    def tls(self, side: str, established: bool) -> None:
        self.told.append(("tls", side, established))


async def pass_all(transaction: Transaction) -> Reply:
    """The plainest flow."""
    return await transaction.deliver(transaction.message)


@dataclass
class Gate:
    """The parts, started."""

    front: Front
    hop: NextHop
    hops: HopPool
    observer: Counting
    transactions: list[Transaction] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.front.port

    def client(self, patience: float = 10.0) -> Client:
        return Client(self.front.port, patience)


Opening = Callable[..., Awaitable[Gate]]


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Opening]:
    """`await gate(...)`: keyword arguments of Limits, FrontSettings and HopSettings by their own names."""
    async with AsyncExitStack() as stack:

        async def start(
            offers: tuple[str, ...] = EVERYTHING,
            flow: Callable[[Transaction], Awaitable[Reply]] = pass_all,
            limits: Limits | None = None,
            front: dict[str, Any] | None = None,
            hop: dict[str, Any] | None = None,
            hop_tls: Any = None,
            up: bool = True,
        ) -> Gate:
            peer = NextHop(offers, hop_tls)
            await peer.start()
            stack.push_async_callback(peer.stop)
            if not up:
                await peer.stop()
            hop_settings = replace(HopSettings(peer.address, hello="gate.example", timeout=5.0), **(hop or {}))
            observer = Counting()
            hops = HopPool(hop_settings, observer)
            stack.push_async_callback(hops.close)
            settings = FrontSettings("127.0.0.1:0", "gate.example", tmp_path, limits or Limits(idle=20.0))
            taken: list[Transaction] = []

            async def remembered(transaction: Transaction) -> Reply:
                taken.append(transaction)
                return await flow(transaction)

            door = Front(replace(settings, **(front or {})), hops, remembered, observer)
            await door.start()
            stack.push_async_callback(door.drain, 0.5)
            return Gate(door, peer, hops, observer, taken)

        yield start

"""What breaks in a soak, one sort after the other. Law: each function breaks one thing, waits, and mends it."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.soak import processes

if TYPE_CHECKING:
    from tests.soak.stage import Stage

Fault = Callable[["Stage", float], Awaitable[None]]


async def hop_restart(stage: Stage, seconds: float) -> None:
    """The next hop is gone, every session reset."""
    await stage.hop.down()
    await asyncio.sleep(seconds)
    await stage.hop.up()


async def route_restart(stage: Stage, seconds: float) -> None:
    """The encryption gateway is gone."""
    await stage.vault.down()
    await asyncio.sleep(seconds)
    await stage.vault.up()


async def slow_hop(stage: Stage, seconds: float) -> None:
    """The next hop takes a second for each mail."""
    stage.hop.delay = 1.0
    await asyncio.sleep(seconds)
    stage.hop.delay = 0.0


async def drop_before_dot(stage: Stage, seconds: float) -> None:
    """The next hop ends one in ten connections with the mail half sent."""
    stage.hop.drop_before = 0.1
    await asyncio.sleep(seconds)
    stage.hop.drop_before = 0.0


async def drop_after_dot(stage: Stage, seconds: float) -> None:
    """Both far ends take one mail in ten and end the connection before they say so."""
    stage.hop.drop_after = stage.vault.drop_after = 0.1
    await asyncio.sleep(seconds)
    stage.hop.drop_after = stage.vault.drop_after = 0.0


async def database(stage: Stage, seconds: float) -> None:
    """PostgreSQL crashes and restarts; on SQLite another process holds the write lock."""
    if stage.postgres:
        await asyncio.to_thread(stage.postgres.stop)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(stage.postgres.start)
    else:
        await asyncio.to_thread(_lock, stage.database, seconds)


def _lock(path: Path, seconds: float) -> None:
    import time

    with sqlite3.connect(path, timeout=10) as connection:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        connection.rollback()
    connection.close()


async def reader_crash(stage: Stage, seconds: float) -> None:
    """kill -9 for whatever reads attachments, several times."""
    for _ in range(5):
        processes.kill(await asyncio.to_thread(processes.readers, stage.gateway.process.pid))
        await asyncio.sleep(seconds / 5)


async def worker_kill(stage: Stage, seconds: float) -> None:
    """kill -9 for one mail worker."""
    processes.kill((await asyncio.to_thread(processes.workers, stage.gateway.process.pid))[:1])
    stage.killed()
    await asyncio.sleep(seconds)


async def all_workers_kill(stage: Stage, seconds: float) -> None:
    """kill -9 for all mail workers at once."""
    processes.kill(await asyncio.to_thread(processes.workers, stage.gateway.process.pid))
    stage.killed()
    await asyncio.sleep(seconds)


async def supervisor_kill(stage: Stage, seconds: float) -> None:
    """kill -9 for the supervisor alone; its workers see it, drain and end; a new one is started."""
    stage.gateway.process.kill()
    stage.killed()
    await asyncio.to_thread(stage.gateway.process.wait)
    stage.gateway.log.close()
    await asyncio.to_thread(stage.gateway.start)


async def restart(stage: Stage, seconds: float) -> None:
    """SIGTERM, the drain, a new start."""
    await asyncio.to_thread(stage.gateway.stop)
    await asyncio.to_thread(stage.gateway.start)


async def reload_good(stage: Stage, seconds: float) -> None:
    """A changed configuration that is taken."""
    text = stage.gateway.config.read_text()
    other = text.replace('"[secure] "', '"[safe] "') if '"[secure] "' in text else text.replace("[safe] ", "[secure] ")
    stage.gateway.config.write_text(other)
    stage.gateway.process.send_signal(signal.SIGHUP)
    await asyncio.sleep(seconds)


async def reload_bad(stage: Stage, seconds: float) -> None:
    """A configuration with a fault, which is refused."""
    text = stage.gateway.config.read_text()
    stage.gateway.config.write_text(text + "\n[no_such_table]\nkey = 1\n")
    stage.gateway.process.send_signal(signal.SIGHUP)
    await asyncio.sleep(seconds)
    stage.gateway.config.write_text(text)


async def certificate(stage: Stage, seconds: float) -> None:
    """A new certificate at the old path."""
    stage.issue()
    await asyncio.sleep(seconds)


async def full_disk(stage: Stage, seconds: float) -> None:
    """Not one byte left for held mail, and for the database where that is SQLite."""
    await asyncio.to_thread(stage.disk.fill)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(stage.disk.empty)


FAULTS: tuple[Fault, ...] = (
    hop_restart,
    slow_hop,
    drop_before_dot,
    drop_after_dot,
    route_restart,
    database,
    reader_crash,
    worker_kill,
    all_workers_kill,
    supervisor_kill,
    restart,
    reload_good,
    reload_bad,
    certificate,
    full_disk,
)

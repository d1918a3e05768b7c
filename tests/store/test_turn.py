"""Turns at one SQLite file: nobody is passed by twice, nobody waits for ever, and none is kept by who is gone."""

from __future__ import annotations

import asyncio
import fcntl
import os
import stat
import sys
from pathlib import Path

import pytest

from mailguard.mail.errors import StoreError
from mailguard.store import database as module
from mailguard.store import turn as module_of_turn
from mailguard.store.database import Database
from mailguard.store.turn import Turn

HOLDER = """\
import asyncio, sys
from pathlib import Path
from mailguard.store.turn import Turn

async def hold():
    async with Turn(Path(sys.argv[1]), 5.0):
        print("mine", flush=True)
        await asyncio.sleep(60)

asyncio.run(hold())
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "m.db"
    path.touch()
    return path


async def test_who_has_much_to_write_lets_others_in_between(place: Path) -> None:
    """Each of three stands for a process; the busy one never pauses between its turns."""
    order: list[str] = []
    over = asyncio.Event()

    async def busy() -> None:
        turn = Turn(place, 20.0)
        while not over.is_set():
            async with turn:
                order.append("busy")
                await asyncio.sleep(0.002)

    async def other(name: str) -> None:
        turn = Turn(place, 20.0)
        for _ in range(10):
            async with turn:
                order.append(name)
                await asyncio.sleep(0)
            await asyncio.sleep(0.02)

    working = asyncio.create_task(busy())
    await asyncio.sleep(0.01)
    waiting = Turn(place, 20.0)
    for _ in range(10):
        asked = asyncio.create_task(waiting.__aenter__())
        await _in_front(place, asked)
        before = order.count("busy")
        await asked
        assert order.count("busy") - before <= 1
        await waiting.__aexit__()
    await asyncio.gather(other("second"), other("third"))
    over.set()
    await working


async def test_a_turn_ends_though_its_process_has_more_to_write(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_of_turn, "SPELL", 0.0)
    busy, other, wrote = Turn(place, 20.0), Turn(place, 20.0), 0

    async def write() -> None:
        nonlocal wrote
        async with busy:
            wrote += 1
            await asyncio.sleep(0.002)

    backlog = [asyncio.create_task(write()) for _ in range(50)]
    asked = asyncio.create_task(other.__aenter__())
    await asked
    assert wrote <= 2
    await other.__aexit__()
    await asyncio.gather(*backlog)


async def test_a_process_writes_what_it_has_in_one_turn(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_of_turn, "SPELL", 1000.0)
    busy, other, order = Turn(place, 20.0), Turn(place, 20.0), []

    async def write(turn: Turn, name: str) -> None:
        async with turn:
            order.append(name)
            await asyncio.sleep(0.002)

    first = [asyncio.create_task(write(busy, "busy")) for _ in range(10)]
    await asyncio.sleep(0)
    await asyncio.gather(write(other, "other"), *first)
    assert order == ["busy"] * 10 + ["other"]


async def test_a_turn_kept_for_one_who_went_away_is_given_back(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_of_turn, "SPELL", 1000.0)
    ours = Turn(place, 20.0)
    await ours.__aenter__()
    gone = asyncio.create_task(ours.__aenter__())
    await asyncio.sleep(0)
    await ours.__aexit__()
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    async with Turn(place, 5.0):
        pass


async def test_one_process_writes_one_transaction_at_a_time(place: Path) -> None:
    turn, inside, most = Turn(place, 20.0), 0, 0

    async def write() -> None:
        nonlocal inside, most
        async with turn:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(write() for _ in range(20)))
    assert most == 1


async def test_the_turn_of_a_dead_process_is_free(place: Path) -> None:
    pipe = asyncio.subprocess.PIPE
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, place, stdout=pipe)
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"mine\n"
    asked = asyncio.create_task(Turn(place, 30.0).__aenter__())
    await _in_front(place, asked)
    assert not asked.done()
    holder.kill()
    await holder.wait()
    await asked


async def test_nobody_waits_for_ever_and_a_cancelled_one_stands_in_no_ones_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY", 0.05)
    one, two = Database(f"sqlite:///{tmp_path / 'm.db'}"), Database(f"sqlite:///{tmp_path / 'm.db'}")
    async with one.write():
        with pytest.raises(StoreError):
            async with two.write():
                pass
        waiting = asyncio.create_task(_write(two))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    await _write(two)
    await _write(one)
    await one.close()
    await two.close()


@pytest.mark.skipif(bool(os.geteuid()), reason="only root gives files away")
def test_a_command_of_root_leaves_the_files_to_the_owner_of_the_database(place: Path) -> None:
    os.chown(place, 12345, 12345)
    Turn(place, 1.0)
    for path in place.parent.glob("m.db-*"):
        assert (path.stat().st_uid, stat.S_IMODE(path.stat().st_mode)) == (12345, 0o600)


async def _write(database: Database) -> None:
    async with database.write():
        pass


async def _in_front(place: Path, asked: asyncio.Task[None]) -> None:
    """Until `asked` is the next, or has had its turn."""
    while True:
        if asked.done() or _locked(place):
            return
        await asyncio.sleep(0)


def _locked(place: Path) -> bool:
    """Whether somebody is the next."""
    with place.with_name(f"{place.name}-next").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False

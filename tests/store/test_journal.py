"""The journal takes a row at once, writes many together, and holds nobody up."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from mailguard.mail.errors import StoreError
from mailguard.store.database import Database
from mailguard.store.journal import BATCH, Entry, Journal
from mailguard.store.store import Store

AT = datetime(2026, 5, 7, 9, 30, 0, 123456, tzinfo=UTC)


def entry(number: int = 0, **values: object) -> Entry:
    return Entry(id=f"m{number}", at=AT, action="pass", **values)


async def test_a_row_comes_back_as_recorded(store: Store) -> None:
    full = Entry(
        id="m1",
        at=AT,
        action="warn",
        clauses=[{"id": "VOL-1", "do": "warn", "mode": "enforce", "exempted": False}],
        facts={"purpose": "personal", "recipients": 7},
        policy="lancashire",
        version="2022-11",
        case="2026-000001",
        ended="warned",
        reply=550,
        size=12345,
        seconds=0.25,
    )
    store.journal.record(full)
    assert await store.journal.flush()
    assert await store.journal.list() == [full]


async def test_rows_are_written_in_batches_and_in_order(store: Store) -> None:
    for number in range(2 * BATCH + 1):
        store.journal.record(entry(number))
    assert store.journal.batches == 0
    assert await store.journal.flush()
    assert store.journal.batches == 3
    assert [row.id for row in await store.journal.list()] == [f"m{number}" for number in range(2 * BATCH + 1)]
    assert (store.journal.waiting, store.journal.dropped) == (0, 0)


async def test_recording_neither_waits_nor_fails_while_the_database_is_away(store: Store, monkeypatch) -> None:
    def away() -> None:
        raise StoreError("away")

    monkeypatch.setattr(store.database, "write", away)
    monkeypatch.setattr(store.database, "read", away)
    monkeypatch.setattr("mailguard.store.journal.RETRY", 0.01)
    store.journal.record(entry(1))
    store.journal.record(entry(2))
    assert not await store.journal.flush(0.3)
    assert store.journal.waiting == 2
    monkeypatch.undo()
    assert await store.journal.flush()
    assert [row.id for row in await store.journal.list()] == ["m1", "m2"]


async def test_a_full_queue_keeps_the_oldest_and_counts_the_rest(store: Store) -> None:
    journal = Journal(store.database, limit=3)
    for number in range(5):
        journal.record(entry(number))
    assert (journal.waiting, journal.dropped) == (3, 2)
    journal.start()
    assert await journal.flush()
    await journal.close()
    assert [row.id for row in await store.journal.list()] == ["m0", "m1", "m2"]


async def test_one_bad_row_does_not_keep_the_others_back(store: Store) -> None:
    store.journal.record(entry(1))
    store.journal.record(entry(2, facts={"bad": object()}))
    store.journal.record(entry(3))
    assert await store.journal.flush()
    assert [row.id for row in await store.journal.list()] == ["m1", "m3"]
    assert store.journal.dropped == 1


async def test_closing_writes_what_waits(opened) -> None:
    store = await opened()
    store.journal.record(entry(1))
    await store.close()
    again = await opened()
    assert await again.journal.count() == 1
    await again.close()


async def test_the_loop_is_free_while_rows_are_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()
    write = Database.write

    def slow(self: Database) -> object:
        class Slow:
            async def __aenter__(self) -> object:
                entered.set()
                await leave.wait()
                self.inner = write(store.database)
                return await self.inner.__aenter__()

            async def __aexit__(self, *error: object) -> None:
                await self.inner.__aexit__(*error)

        return Slow()

    monkeypatch.setattr(Database, "write", slow)
    store.journal.record(entry(1))
    await entered.wait()
    store.journal.record(entry(2))
    assert store.journal.waiting == 2
    leave.set()
    assert await store.journal.flush()
    assert await store.journal.count() == 2

"""One mailing, however it is split, is counted whole and exactly."""

from __future__ import annotations

import asyncio
import sqlite3

from sqlalchemy import select

from mailguard.store import schema
from mailguard.store.mailings_here import SUFFIX
from mailguard.store.store import Store

HOUR = 3600.0


async def test_distinct_people_over_several_transactions(store: Store) -> None:
    reserve = store.mailings.reserve
    assert await reserve("k", ["a", "b", "b"], HOUR, "m1") == 2
    await store.mailings.confirm("m1")
    assert await reserve("k", ["b", "c"], HOUR, "m2") == 3
    assert await reserve("other", ["d"], HOUR, "m3") == 1
    assert await reserve("k", [], HOUR, "m4") == 3


async def test_the_same_mail_counts_once(store: Store) -> None:
    assert await store.mailings.reserve("k", ["a", "b"], HOUR, "m1") == 2
    assert await store.mailings.reserve("k", ["b", "c"], HOUR, "m1") == 2


async def test_stopped_mail_does_not_count(store: Store) -> None:
    await store.mailings.reserve("k", ["a", "b"], HOUR, "m1")
    await store.mailings.cancel("m1")
    assert await store.mailings.reserve("k", ["c"], HOUR, "m2") == 1


async def test_the_window_moves_on(store: Store, clock) -> None:
    await store.mailings.reserve("k", ["a", "b"], HOUR, "m1")
    await store.mailings.confirm("m1")
    clock.forward(minutes=59)
    assert await store.mailings.reserve("k", ["c"], HOUR, "m2") == 3
    clock.forward(minutes=2)
    assert await store.mailings.reserve("k", ["d"], HOUR, "m3") == 2


async def test_what_a_dead_gateway_reserved_is_forgotten(store: Store, clock) -> None:
    await store.mailings.reserve("k", ["a", "b"], HOUR, "m1")
    clock.forward(minutes=14)
    assert await store.mailings.reserve("k", ["c"], HOUR, "m2") == 3
    clock.forward(minutes=2)
    assert await store.mailings.reserve("k", ["d"], HOUR, "m3") == 2


async def test_at_once_no_two_stay_under_the_limit(store: Store, opened) -> None:
    other = await opened()
    for turn in range(5):
        counts = await asyncio.gather(
            *(
                each.mailings.reserve(
                    f"k{turn}", [f"{number}-{person}" for person in range(3)], HOUR, f"{turn}-{number}"
                )
                for number, each in enumerate([store, other, store, other])
            )
        )
        assert sorted(counts) == [3, 6, 9, 12]
    await other.close()


async def test_the_rows_tell_nothing(store: Store) -> None:
    await store.mailings.reserve("cllr@council.example", ["a@home.example"], HOUR, "m1")
    place = store.database.place
    if place is None:
        async with store.database.read() as connection:
            rows = str((await connection.execute(select(schema.mailings))).all())
    else:
        kept = sqlite3.connect(place.with_name(place.name + SUFFIX))
        rows = str(kept.execute("SELECT * FROM mailings").fetchall())
        kept.close()
    assert "m1" in rows
    assert not [word for word in ("council", "cllr", "home.example") if word in rows]


async def test_the_count_outlives_a_restart(store: Store, opened) -> None:
    await store.mailings.reserve("k", ["a", "b"], HOUR, "m1")
    await store.mailings.confirm("m1")
    again = await opened()
    assert await again.mailings.reserve("k", ["c"], HOUR, "m2") == 3
    await again.close()

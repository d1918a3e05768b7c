"""One mailing, however it is split, is counted whole and exactly."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mailguard.mail.errors import StoreError
from mailguard.store import mailings_here, schema
from mailguard.store.database import Database
from mailguard.store.mailings_here import SUFFIX, MailingsHere
from mailguard.store.store import Store

HOUR = 3600.0
OTHER = """\
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from mailguard.store.database import Database
from mailguard.store.mailings_here import MailingsHere

async def count():
    mailings = MailingsHere(Database(f"sqlite:///{sys.argv[1]}"), bytes(32), lambda: datetime.now(UTC))
    print(await mailings.reserve("k", [sys.argv[2]], 3600.0, sys.argv[2]), flush=True)
    sys.stdin.readline()
    mailings.close()

asyncio.run(count())
"""


async def count_of(store: Store) -> int:
    """How many rows there are; none is left."""
    async with store.database.write() as connection:
        return len(await store.mailings.purge(connection, store.clock() + timedelta(days=1)))


async def written(store: Store) -> str:
    """All that lies in the table, or in the files beside the database."""
    place = store.database.place
    if place is None:
        async with store.database.read() as connection:
            return str(list((await connection.execute(select(schema.mailings))).all()))
    return "".join(path.read_bytes().decode("latin-1") for path in place.parent.glob(f"{place.name}{SUFFIX}*"))


async def test_distinct_people_over_several_transactions(store: Store) -> None:
    reserve = store.mailings.reserve
    assert await reserve("k", ["a", "b", "b"], HOUR, "m1") == 2
    await store.mailings.confirm("m1")
    assert await reserve("k", ["b", "c"], HOUR, "m2") == 3
    assert await reserve("other", ["d"], HOUR, "m3") == 1
    assert await reserve("k", [], HOUR, "m4") == 3


async def test_the_same_words_to_the_same_people_stay_one_row_each(store: Store, clock) -> None:
    for number in range(100):
        assert await store.mailings.reserve("k", ["a", "b"], HOUR, f"m{number}") == 2
        await store.mailings.confirm(f"m{number}")
    clock.forward(seconds=2)
    assert await store.mailings.reserve("k", ["c"], HOUR, "other") == 3
    assert await count_of(store) == 3


async def test_a_mail_that_is_stopped_takes_nobody_from_those_that_went(store: Store) -> None:
    await store.mailings.reserve("k", ["a", "b"], HOUR, "m1")
    await store.mailings.confirm("m1")
    await store.mailings.reserve("k", ["b", "c"], HOUR, "m2")
    await store.mailings.cancel("m2")
    assert await store.mailings.reserve("k", [], HOUR, "m3") == 2


async def test_an_hour_counts_from_the_last_time(store: Store, clock) -> None:
    for name in ("m1", "m2"):
        await store.mailings.reserve("k", ["a"], HOUR, name)
        await store.mailings.confirm(name)
        clock.forward(minutes=40)
    assert await store.mailings.reserve("k", ["b"], HOUR, "m3") == 2


async def test_what_is_old_is_deleted_and_what_is_not_stays(store: Store, clock) -> None:
    await store.mailings.reserve("k", ["a", "b"], HOUR, "m1")
    await store.mailings.confirm("m1")
    await store.mailings.reserve("k", ["c"], HOUR, "m2")
    clock.forward(minutes=10)
    await store.mailings.reserve("k", ["d"], HOUR, "m3")
    await store.mailings.confirm("m3")
    clock.forward(minutes=10)
    async with store.database.write() as connection:
        assert len(await store.mailings.purge(connection, clock() - timedelta(minutes=15))) == 3
    assert await store.mailings.reserve("k", [], HOUR, "m4") == 1


async def test_a_file_forgets_as_it_is_written_what_can_count_no_more(store: Store, clock) -> None:
    """Else it fills up long before retention looks at it, and then no mail that is counted is taken."""
    if not isinstance(store.mailings, MailingsHere):
        return
    for hour in range(5):
        for number in range(20):
            await store.mailings.reserve(f"k{number}", [f"{hour}-{number}"], HOUR, f"{hour}-{number}")
            await store.mailings.confirm(f"{hour}-{number}")
        clock.forward(minutes=60)
    await store.mailings.reserve("k", ["a"], HOUR, "last")
    assert await count_of(store) <= 2 * 20 + 1


async def test_what_can_count_no_more_is_purged_however_long_it_may_be_kept(store: Store, clock) -> None:
    if not isinstance(store.mailings, MailingsHere):
        return
    await store.mailings.reserve("k", ["a", "b"], HOUR, "m1")
    clock.forward(minutes=125)
    await store.mailings.reserve("k", ["c"], HOUR, "m2")
    async with store.database.write() as connection:
        assert len(await store.mailings.purge(connection, clock() - timedelta(days=400))) == 2
    assert await count_of(store) == 1


async def test_an_hour_is_counted_over_the_full_hour_and_when_the_clock_goes_back(store: Store, clock) -> None:
    for minutes in (0, 20, 15, -10):  # half past nine, ten to, five past ten, five to
        clock.forward(minutes=minutes)
        await store.mailings.reserve("k", [f"a{minutes}"], HOUR, f"m{minutes}")
        await store.mailings.confirm(f"m{minutes}")
    assert await store.mailings.reserve("k", ["b"], HOUR, "last") == 5


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
    other = await opened() if store.database.postgres else store
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
    if other is not store:
        await other.close()


async def test_the_rows_tell_nothing(store: Store) -> None:
    await store.mailings.reserve("cllr@council.example", ["a@home.example"], HOUR, "m1")
    rows = await written(store)
    assert "m1" in rows
    assert not [word for word in ("council", "cllr", "home.example") if word in rows]


async def test_the_count_outlives_a_restart(opened) -> None:
    store = await opened()
    await store.mailings.reserve("k", ["a", "b"], HOUR, "m1")
    await store.mailings.confirm("m1")
    await store.close()
    again = await opened()
    assert await again.mailings.reserve("k", ["c"], HOUR, "m2") == 3
    await again.close()


@pytest.mark.parametrize("age", ["of an earlier boot", "torn"])
async def test_a_file_that_may_be_torn_is_made_anew(opened, tmp_path: Path, age: str) -> None:
    """It is never synced: a power cut may tear it."""
    store = await opened()
    if store.database.place is not None:
        await store.mailings.reserve("k", ["a", "b"], HOUR, "m1")
        await store.mailings.confirm("m1")
        await store.close()
        file = store.database.place.with_name(store.database.place.name + SUFFIX)
        assert file.stat().st_mode & 0o777 == 0o600
        if age == "torn":
            file.write_bytes(b"torn" * 5000)
        else:
            os.utime(file, (1, time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) - 60))
        store = await opened()
        assert await store.mailings.reserve("k", ["c"], HOUR, "m2") == 1
    await store.close()


async def test_a_file_that_fails_is_opened_again_by_the_next_mail(store: Store) -> None:
    if not isinstance(store.mailings, MailingsHere):
        return
    await store.mailings.reserve("k", ["a"], HOUR, "m1")
    store.mailings._file.close()  # type: ignore[union-attr]
    with pytest.raises(StoreError):
        await store.mailings.reserve("k", ["b"], HOUR, "m2")
    assert await store.mailings.reserve("k", ["b"], HOUR, "m2") == 2


async def test_a_file_in_use_is_never_made_anew(tmp_path: Path) -> None:
    """When the clock is put forward after the boot, it seems to be older than that."""
    database, pipe = tmp_path / "m.db", asyncio.subprocess.PIPE
    said, processes = [], []
    for name in ("a", "b"):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", OTHER, database, name, stdin=pipe, stdout=pipe
        )
        assert process.stdout is not None
        said.append(await process.stdout.readline())
        os.utime(database.with_name(database.name + SUFFIX), (1, 1))
        processes.append(process)
    await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    assert said == [b"1\n", b"2\n"]


@pytest.mark.skipif(bool(os.geteuid()), reason="only root gives files away")
async def test_a_command_of_root_leaves_the_file_to_the_owner_of_the_database(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'm.db'}")
    os.chown(tmp_path / "m.db", 12345, 12345)
    mailings = MailingsHere(database, bytes(32), lambda: datetime.now(UTC))
    await mailings.cancel("m1")
    mailings.close()
    await database.close()
    files = list(tmp_path.glob(f"m.db{SUFFIX}*"))
    assert len(files) == 2
    assert {(path.stat().st_uid, path.stat().st_gid) for path in files} == {(12345, 12345)}


async def test_a_full_file_makes_room_by_what_can_count_no_more(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(mailings_here, "SIZE", 256 * 1024)
    (tmp_path / "db").touch()
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    mailings = MailingsHere(Database(f"sqlite:///{tmp_path}/db"), bytes(32), lambda: now)

    async def fill() -> None:
        for number in range(10_000):
            await mailings.reserve(str(number), ["a"], HOUR, f"m{number}")

    for _ in range(2):
        with pytest.raises(StoreError):
            await fill()
    now += timedelta(hours=3)
    many = [str(number) for number in range(500)]
    with pytest.raises(StoreError):
        await mailings.reserve("k", many, HOUR, "first")
    assert await mailings.reserve("k", many, HOUR, "second") == 500
    mailings.close()

"""Connections: what URL, how durable, and errors that tell nothing."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from mailguard.mail.errors import StoreError
from mailguard.store.database import Database, alive, parse
from mailguard.store.store import Store
from tests.peers.postgres import Postgres
from tests.store.specimens import PLAN, message, new_case


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///var/mailguard.db", "sqlite+aiosqlite"),
        ("postgresql://mg:secret@db.example:5432/mailguard", "postgresql+asyncpg"),
        ("postgres://db.example/mailguard", "postgresql+asyncpg"),
        ("postgresql+psycopg://db.example/mailguard", "postgresql+asyncpg"),
    ],
)
def test_a_url_gets_its_driver(url: str, driver: str) -> None:
    assert parse(url).drivername == driver


def test_sslmode_is_what_asyncpg_calls_ssl() -> None:
    assert dict(parse("postgresql://db/x?sslmode=verify-full").query) == {"ssl": "verify-full"}


@pytest.mark.parametrize("url", ["mysql://db/x", "nonsense", "sqlite://", "sqlite:///:memory:", ""])
def test_another_url_is_refused_with_the_fix(url: str) -> None:
    with pytest.raises(StoreError, match=r"store\.url"):
        parse(url)


async def test_sqlite_is_durable_and_private(tmp_path: Path) -> None:
    place = tmp_path / "new/folder/mailguard.db"
    database = Database(f"sqlite:///{place}")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 30000}
    for connecting in (database.write, database.read):
        async with connecting() as connection:
            for pragma, value in wanted.items():
                assert (await connection.execute(text(f"PRAGMA {pragma}"))).scalar() == value, pragma
    await database.close()


async def test_postgresql_is_durable_whatever_its_default(postgres: Postgres) -> None:
    url = postgres.database()
    postgres.sql("postgres", f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = off")
    database = Database(url)
    async with database.write() as connection:
        assert (await connection.execute(text("SHOW synchronous_commit"))).scalar() == "on"
    await database.close()


async def test_the_reader_of_sqlite_cannot_write(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/db")
    with pytest.raises(StoreError):
        async with database.read() as connection:
            await connection.execute(text("CREATE TABLE x (a INTEGER)"))
    await database.close()


async def test_an_error_tells_neither_statement_nor_values(store: Store) -> None:
    with pytest.raises(StoreError) as caught:
        async with store.database.write() as connection:
            await connection.execute(text("INSERT INTO nowhere VALUES (:who)"), {"who": "cllr@council.example"})
    told = f"{caught.value!r} {caught.value.__cause__!r}"
    assert "council" not in told
    assert "nowhere" not in told
    assert caught.value.__suppress_context__


async def test_a_password_is_not_told_when_nothing_answers() -> None:
    database = Database("postgresql://mg:hunter2@127.0.0.1:1/x")
    with pytest.raises(StoreError) as caught:
        async with database.write():
            pass
    assert str(caught.value) == (
        "store.url: the database lets nobody in (ConnectionRefusedError): bring it up, or mend the address or login"
    )
    assert not await alive(database)
    await database.close()


async def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot open"):
        Database(f"sqlite:///{tmp_path}/file/mailguard.db")


async def test_writers_take_turns(store: Store, opened) -> None:
    other = await opened()

    async def count(each: Store) -> None:
        for _ in range(10):
            async with each.database.write() as connection:
                number = (await connection.execute(text("SELECT count(*) FROM keys"))).scalar_one()
                await each.database.lock(connection, "keys")
                number = (await connection.execute(text("SELECT count(*) FROM keys"))).scalar_one()
                await asyncio.sleep(0)
                statement = text("INSERT INTO keys (id, created) VALUES (:id, '2026-01-01')")
                await connection.execute(statement, {"id": f"k{number}"})

    await asyncio.gather(count(store), count(other), count(store))
    async with store.database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM keys"))).scalar_one() == 31
    await other.close()


async def test_a_database_that_comes_back_is_used_again(postgres: Postgres, tmp_path: Path) -> None:
    store = await Store.open(postgres.database(), tmp_path / "held", tmp_path / "key")
    try:
        await store.hold(new_case(), message(), plan=PLAN)
        postgres.stop()
        try:
            assert not await store.ready()
            with pytest.raises(StoreError):
                await store.hold(new_case(), message(), plan=PLAN)
        finally:
            postgres.start()
        assert await store.ready()
        case = await store.hold(new_case(), message(), plan=PLAN)
        assert len(await store.cases.list()) == 2
        # What could not be asked while the database was away is left to the sweep, and it takes nothing else.
        assert await store.bodies.sweep(0) == 1
        assert (await store.bodies.open(case.body)).read() == message().read()
    finally:
        await store.close()

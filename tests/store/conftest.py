"""The same store twice: on SQLite, and on a real PostgreSQL where one is installed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailguard.store.database import Database
from mailguard.store.schema import metadata
from mailguard.store.store import Store
from mailguard.store.upgrade import upgrade
from tests.peers.postgres import Postgres


class Clock:
    """A clock the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 7, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without a schema."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path}/db/mailguard.db"
    return str(request.getfixturevalue("postgres").database())


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with the schema and no rows: making one anew for each test would take half the time."""
    if kind == "sqlite":
        (tmp_path / "db").mkdir()
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "db/mailguard.db")
        return f"sqlite:///{tmp_path}/db/mailguard.db"
    server, made = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_database")
    tables = ", ".join(f'"{table}"' for table in metadata.tables)
    server.sql(made.rpartition("/")[2], f"TRUNCATE {tables} RESTART IDENTITY")
    return str(made)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("template") / "mailguard.db"
    asyncio.run(_upgraded(f"sqlite:///{place}"))
    return place


@pytest.fixture(scope="session")
def postgres_database(postgres: Postgres) -> str:
    made = postgres.database()
    asyncio.run(_upgraded(made))
    return made


async def _upgraded(url: str) -> None:
    database = Database(url)
    await upgrade(database)
    await database.close()


@pytest.fixture
def opened(url: str, tmp_path: Path, clock: Clock) -> Callable[[], object]:
    """Opens the store of this test, again and again."""

    async def again(**options: object) -> Store:
        given = {"clock": clock, "spool": tmp_path} | options
        return await Store.open(url, tmp_path / "held", tmp_path / "mailguard.key", **given)

    return again


@pytest.fixture
async def store(opened: Callable[[], object]) -> AsyncIterator[Store]:
    made = await opened()
    yield made
    await made.close()

"""The connections to SQLite or PostgreSQL. Law: a write is one transaction, durable when it returns, or StoreError."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event, func, make_url, select, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from mailguard.mail.errors import StoreError, StoreFull
from mailguard.store.statements import Statement
from mailguard.store.turn import Turn

BUSY = 30.0
CONNECT = 10.0
COMMAND = 30.0
READERS = 2
POOL = 4
ROOM = 256 * 1024
DISK_FULL = "53100"
REFUSED = ("28", "3D", "57P", "08")
"""PostgreSQL's classes for a wrong login or database, a server that is not ready, a connection that broke."""


class Database:
    """One writer and a few readers. `postgres` tells which of the two it is; `place` is the SQLite file."""

    def __init__(self, url: str) -> None:
        parsed = parse(url)
        self.postgres = parsed.drivername.startswith("postgresql")
        self.place = None if self.postgres else Path(str(parsed.database)).absolute()
        self._turn: AbstractAsyncContextManager[None] = nullcontext()
        if self.place is None:
            self.writer = self.reader = _postgres(parsed)
        else:
            prepare(self.place)
            try:
                self._turn = Turn(self.place, BUSY)
            except OSError as error:
                raise _unopened(self.place, error) from None
            self.writer, self.reader = _sqlite(parsed, readonly=False), _sqlite(parsed, readonly=True)
        self._errors = _errors(self.postgres)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One durable transaction. SQLite: BEGIN IMMEDIATE on the one writer. Raises StoreError, StoreFull."""
        try:
            async with self._turn, self.writer.begin() as connection:
                yield connection
        except self._errors as error:
            raise self.explained(error) from None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read from. Raises StoreError."""
        try:
            async with self.reader.connect() as connection:
                yield connection
        except self._errors as error:
            raise self.explained(error) from None

    async def lock(self, connection: AsyncConnection, name: str) -> None:
        """Until the transaction ends, nobody else holds `name`. SQLite's one writer is such a lock already."""
        if self.postgres:
            number = int.from_bytes(sha256(name.encode()).digest()[:8], "big", signed=True)
            await connection.execute(select(func.pg_advisory_xact_lock(number)))

    async def close(self) -> None:
        """Give back every connection."""
        await self.writer.dispose()
        if self.reader is not self.writer:
            await self.reader.dispose()

    def explained(self, error: BaseException) -> StoreError:
        """What to raise for an error of the database: its class and code, StoreFull where the disk is."""
        # The driver's own words may hold parameters, and so addresses: only its class and code are told (law 8).
        original = getattr(error, "orig", None) or error
        code = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None) or ""
        name = f"{type(original).__name__} {code}".strip()
        if code in {"SQLITE_FULL", DISK_FULL} or (str(code).startswith("SQLITE_IOERR") and not self._room()):
            return StoreFull(f"the database has no room left ({name})")
        if self.postgres and (isinstance(original, OSError) or str(code).startswith(REFUSED)):
            return StoreError(
                f"store.url: the database lets nobody in ({name}): bring it up, or mend the address or login"
            )
        return StoreError(f"the database did not do what was asked ({name})")

    def _room(self) -> bool:
        return self.place is None or shutil.disk_usage(self.place.parent).free > ROOM


def parse(url: str) -> URL:
    """The URL with its asynchronous driver. `sslmode` becomes asyncpg's `ssl`. Raises StoreError."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError('store.url is not a database URL: use "sqlite:///path" or "postgresql://..."') from None
    kind = parsed.drivername.partition("+")[0]
    if kind == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise StoreError("store.url needs a file: a database in memory would lose held mail")
        return parsed.set(drivername="sqlite+aiosqlite")
    if kind in {"postgresql", "postgres"}:
        mode = parsed.query.get("sslmode")
        parsed = parsed.difference_update_query(["sslmode"])
        if mode:
            parsed = parsed.update_query_dict({"ssl": mode})
        return parsed.set(drivername="postgresql+asyncpg")
    raise StoreError(f'store.url cannot be {kind}: use "sqlite:///path" or "postgresql://..."')


def _errors(postgres: bool) -> tuple[type[BaseException], ...]:
    if not postgres:
        return (SQLAlchemyError, OSError, sqlite3.Error)
    import asyncpg

    # What fails while connecting comes from asyncpg as it is: SQLAlchemy wraps only what a cursor raises.
    return (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


def _postgres(url: URL) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=POOL,
        max_overflow=POOL,
        pool_timeout=CONNECT,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "timeout": CONNECT,
            "command_timeout": COMMAND,
            # Durable is not left to the server's default (law 1).
            "server_settings": {"synchronous_commit": "on", "application_name": "mailguard"},
        },
    )


def _sqlite(url: URL, *, readonly: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=READERS if readonly else 1,
        max_overflow=0,
        pool_timeout=BUSY,
        hide_parameters=True,
        # None: the driver begins nothing of its own; we say BEGIN IMMEDIATE, or two writers could deadlock.
        connect_args={"isolation_level": None, "timeout": BUSY},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        driver = connection.driver_connection
        driver.cursor = partial(Statement, driver)
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")
        if readonly:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    if not readonly:

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def prepare(place: Path) -> None:
    """Make the file (0600) and turn on WAL, which stays. Several workers may do so at once."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(place, os.O_CREAT | os.O_RDWR, 0o600))
        _turn_on_wal(place)
        folder = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except (OSError, sqlite3.Error) as error:
        raise _unopened(place, error) from None


def _unopened(place: Path, error: Exception) -> StoreError:
    return StoreError(f"store.url: cannot open {place} ({error}); check that its folder may be written")


def _turn_on_wal(place: Path) -> None:
    # The busy handler is not asked when the journal mode changes: two who start together must try again themselves.
    end = time.monotonic() + BUSY
    while True:
        connection = sqlite3.connect(place, timeout=BUSY)
        try:
            if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal":
                return
            raise sqlite3.OperationalError("the file system does not offer WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > end:
                raise
            time.sleep(0.02)
        finally:
            connection.close()


async def alive(database: Database) -> bool:
    """True where the database answers."""
    try:
        async with database.read() as connection:
            await connection.execute(text("SELECT 1"))
    except StoreError:
        return False
    return True

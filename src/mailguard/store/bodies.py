"""Held mail and stored legs as sealed files. Law: file and folder are fsynced before `write` returns.

Each body has a random data key; only its wrapped form is kept, in the row. Deleting the row is what makes the bytes
unreadable for good; the file is removed after it, and a file without a row is swept away.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mailguard.mail.errors import StoreError
from mailguard.mail.message import Message, SpoolBlob, spool_path
from mailguard.store import schema, seal
from mailguard.store.database import Database
from mailguard.store.errors import NotFound
from mailguard.store.keys import SIZE, Keyring, sync_folder
from mailguard.store.whole import whole

SMALL = 1024 * 1024
SUFFIX, DRAFT = ".sealed", ".part"
ORPHAN = 3600.0


@dataclass(frozen=True)
class Body:
    """One sealed message: `size` as sent, `stored` on disk, in bytes."""

    id: str
    size: int
    stored: int
    created: datetime
    key_id: str
    wrapped: bytes = field(repr=False)


class Bodies:
    """The held folder and its rows. All file work runs in threads."""

    def __init__(
        self, database: Database, held: Path, keyring: Keyring, spool: Path, clock: Callable[[], datetime]
    ) -> None:
        self._database, self._held, self._keyring, self._spool, self._clock = database, held, keyring, spool, clock

    async def put(self, message: Message) -> Body:
        """Seal and commit. A body no case or delivery takes within the hour is swept. Raises StoreError, StoreFull."""
        return await whole(self._put(message))

    async def _put(self, message: Message) -> Body:
        body = await self.write(message)
        try:
            async with self._database.write() as connection:
                await self.insert(connection, body)
        except StoreError:
            await self.forget(body)
            raise
        return body

    async def write(self, message: Message) -> Body:
        """The durable file alone, without its row: for a caller with more to commit. Raises StoreError, StoreFull."""
        return await asyncio.to_thread(self._write, message, self._clock())

    async def insert(self, connection: AsyncConnection, body: Body) -> None:
        """The row of a written body, in the caller's transaction."""
        await connection.execute(insert(schema.bodies).values(**vars(body)))

    async def open(self, body_id: str) -> Message:
        """The message; a large one is in a spool file that `close` removes. Raises NotFound, Tampered, StoreError."""
        body = await self.get(body_id)
        return await asyncio.to_thread(self._open, body)

    async def get(self, body_id: str) -> Body:
        """What is known of a body. Raises NotFound."""
        table = schema.bodies
        async with self._database.read() as connection:
            row = (await connection.execute(select(table).where(table.c.id == body_id))).mappings().first()
        if row is None:
            raise NotFound("there is no such held mail: it was deleted")
        return Body(**row)

    async def remove(self, connection: AsyncConnection, ids: Sequence[str]) -> None:
        """Delete rows in the caller's transaction; `unlink` follows its commit."""
        await connection.execute(delete(schema.bodies).where(schema.bodies.c.id.in_(ids)))

    async def unlink(self, ids: Sequence[str]) -> None:
        """Remove the files of deleted rows. One that will not go is left to the sweep."""
        await asyncio.to_thread(self._unlink, ids)

    async def forget(self, body: Body) -> None:
        """Remove a written file where its row is surely not there; else leave it to the sweep."""
        try:
            await self.get(body.id)
        except NotFound:
            await self.unlink([body.id])

    async def sweep(self, older: float = ORPHAN) -> int:
        """Remove what a crash left, `older` seconds and more: rows nobody refers to, files without a row."""
        table = schema.bodies
        used = select(schema.cases.c.body).where(schema.cases.c.body.is_not(None))
        sent = select(schema.deliveries.c.body).where(schema.deliveries.c.body.is_not(None))
        limit = self._clock() - timedelta(seconds=older)
        async with self._database.write() as connection:
            unused = table.c.id.not_in(used) & table.c.id.not_in(sent) & (table.c.created <= limit)
            rows = (await connection.execute(delete(table).where(unused).returning(table.c.id))).scalars().all()
        await self.unlink(list(rows))
        stale = await asyncio.to_thread(self._stale, older)
        async with self._database.read() as connection:
            known = set((await connection.execute(select(table.c.id).where(table.c.id.in_(stale)))).scalars())
        orphans = [name for name in stale if name not in known]
        await self.unlink(orphans)
        return len(rows) + len(orphans)

    def _path(self, body_id: str, suffix: str = SUFFIX) -> Path:
        return self._held / f"{body_id}{suffix}"

    def _write(self, message: Message, now: datetime) -> Body:
        body_id, secret, size = uuid4().hex, os.urandom(SIZE), message.size
        draft = self._path(body_id, DRAFT)
        try:
            stored = seal.write(draft, body_id, secret, _exactly(size, message.chunks()))
            draft.rename(self._path(body_id))
            sync_folder(self._held)
        except OSError as error:
            self._unlink([body_id])
            raise seal.store_error(error, "the mail could not be kept") from None
        except StoreError:
            self._unlink([body_id])
            raise
        key_id = self._keyring.current.id
        wrapped = self._keyring.wrap(secret, _context(body_id, key_id, size))
        return Body(body_id, size, stored, now, key_id, wrapped)

    def _open(self, body: Body) -> Message:
        secret = self._keyring.unwrap(body.key_id, body.wrapped, _context(body.id, body.key_id, body.size))
        pieces = seal.read(self._path(body.id), body.id, secret)
        try:
            if body.size <= SMALL:
                return Message.of(b"".join(pieces))
            return self._spooled(pieces)
        except FileNotFoundError:
            raise NotFound("a held mail's file is gone from the folder of held mail: restore it from backup") from None
        except OSError as error:
            raise seal.store_error(error, "a held mail could not be read") from None

    def _spooled(self, pieces: Iterator[bytes]) -> Message:
        path = spool_path(self._spool)
        size = 0
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for piece in pieces:
                    size += file.write(piece)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Message(SpoolBlob(path, size))

    def _unlink(self, ids: Sequence[str]) -> None:
        for body_id in ids:
            for suffix in (SUFFIX, DRAFT):
                with contextlib.suppress(OSError):
                    self._path(body_id, suffix).unlink(missing_ok=True)

    def _stale(self, older: float) -> list[str]:
        limit = time.time() - older
        found = set()
        with os.scandir(self._held) as entries:
            for entry in entries:
                name, _, suffix = entry.name.partition(".")
                # A draft gets its name, and a body that was sent goes, while they are listed.
                with contextlib.suppress(FileNotFoundError):
                    if f".{suffix}" in {SUFFIX, DRAFT} and entry.stat(follow_symlinks=False).st_mtime <= limit:
                        found.add(name)
        return sorted(found)


def _context(body_id: str, key_id: str, size: int) -> bytes:
    return f"mailguard body {body_id} {key_id} {size}".encode()


def _exactly(size: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A spool file that was cut short must be seen while the client still has the mail."""
    total = 0
    for piece in pieces:
        total += len(piece)
        yield piece
    if total != size:
        raise StoreError("the mail to be kept has not the size it should have")

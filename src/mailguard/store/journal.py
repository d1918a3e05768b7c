"""One row a mail, without content. Law: `record` never waits and never fails a mail; rows are written in batches.

A crash loses at most the rows of the last fraction of a second: what must not be lost (a hold, a leg) is a row of its
own, committed before the reply.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from mailguard.mail.errors import StoreError
from mailguard.store import schema
from mailguard.store.database import Database, alive

QUEUE = 20_000
BATCH = 500
LINGER = 0.25
RETRY = 1.0
PATIENCE = 5.0


@dataclass(frozen=True)
class Entry:
    """What became of one mail. No subject, address, name or text belongs here (law 8).

    `clauses`: one mapping a hit, such as `{"id", "do", "mode", "exempted", "rules", "defences"}`; `facts`: counts and
    words such as purpose and period; `ended`: delivered, held, refused by hop...; `reply`: the code the client got;
    `size` in bytes; `seconds` from the last byte to the reply.
    """

    id: str
    at: datetime
    action: str
    clauses: Sequence[Mapping[str, Any]] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    policy: str = ""
    version: str = ""
    case: str | None = None
    ended: str = ""
    reply: int = 0
    size: int = 0
    seconds: float = 0.0


COLUMNS = tuple(column.name for column in fields(Entry))


class Journal:
    """A bounded queue and the one task that empties it."""

    def __init__(self, database: Database, limit: int = QUEUE) -> None:
        self._database, self._limit = database, limit
        self._queue: deque[Entry] = deque()
        self._writing: list[Entry] = []
        self._wake, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._hurry = False
        self._task: asyncio.Task[None] | None = None
        self.dropped = 0
        self.batches = 0

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="journal")

    def record(self, entry: Entry) -> None:
        """Take a row to be written soon. A full queue keeps what it has, and counts this one in `dropped`."""
        if len(self._queue) >= self._limit:
            self.dropped += 1
            return
        self._queue.append(entry)
        self._idle.clear()
        self._wake.set()

    @property
    def waiting(self) -> int:
        """Rows not yet written."""
        return len(self._queue) + len(self._writing)

    async def flush(self, patience: float = PATIENCE) -> bool:
        """Wait until all is written, at most `patience` seconds; False where the database would not take it."""
        self._hurry = True
        self._wake.set()
        try:
            await asyncio.wait_for(self._idle.wait(), patience)
        except TimeoutError:
            return False
        finally:
            self._hurry = False
        return True

    async def count(self) -> int:
        """Rows in the journal."""
        async with self._database.read() as connection:
            return int((await connection.execute(select(func.count()).select_from(schema.journal))).scalar_one())

    async def list(self) -> list[Entry]:
        """Every row, oldest first."""
        table = schema.journal
        query = select(*(table.c[name] for name in COLUMNS)).order_by(table.c.row)
        async with self._database.read() as connection:
            return [Entry(**row) for row in (await connection.execute(query)).mappings()]

    async def close(self) -> None:
        """Write what waits, then stop."""
        if self._task is None:
            return
        await self.flush()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            if not self._hurry and len(self._queue) < BATCH:
                await asyncio.sleep(LINGER)
            self._wake.clear()
            while self._queue:
                await self._write()
            self._idle.set()

    async def _write(self) -> None:
        self._writing = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
        rows = [{name: getattr(entry, name) for name in COLUMNS} for entry in self._writing]
        while not await self._insert(rows):
            if await alive(self._database):
                await self._one_by_one(rows)
                break
            await asyncio.sleep(RETRY)
        self._writing = []
        self.batches += 1

    async def _one_by_one(self, rows: Sequence[dict[str, Any]]) -> None:
        """A database that is alive refused the batch: the row it will not take must not keep the others back."""
        for row in rows:
            if not await self._insert([row]):
                self.dropped += 1

    async def _insert(self, rows: Sequence[dict[str, Any]]) -> bool:
        try:
            async with self._database.write() as connection:
                await connection.execute(insert(schema.journal), rows)
        except StoreError:
            return False
        return True

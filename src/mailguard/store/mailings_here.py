"""The count of mailings beside an SQLite store. Law: as `Mailings`, for the workers of one machine, without waiting.

With most presets every mail that leaves the council is counted, so this is on each mail's way, twice. A transaction by
way of the store's writer costs milliseconds, most of them for durability that a count of the last hour does not need:
losing it in a power cut forgets an hour. So it has a file of its own that is never synced, and it is written in place,
in some tens of microseconds, from the event loop itself. A worker that is killed may take with it that the mails of its
last second went: they count as under way, and so for a quarter of an hour.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from mailguard.store.database import Database, prepare
from mailguard.store.mailings import PIECE, SENT, UNDER_WAY, hashed

SUFFIX = "-mailings"
BUSY = 5.0
LINGER = 1.0
BATCH = 32
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS mailings (key BLOB, recipient BLOB, mail TEXT, at REAL, confirmed INTEGER,"
    " PRIMARY KEY (key, recipient, mail)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS mail ON mailings (mail)",
)
# Each statement is a transaction of its own. Rows are in before they are counted, so of two mails at once the one that
# counts last sees both.
_INSERT = "INSERT OR REPLACE INTO mailings VALUES (?, ?, ?, ?, 0)"
_CANCEL = "DELETE FROM mailings WHERE mail = ?"
_WENT = (
    f"INSERT INTO mailings SELECT key, recipient, '{SENT}', at, 1 FROM mailings WHERE mail = ?"  # noqa: S608
    " ON CONFLICT DO UPDATE SET at = max(mailings.at, excluded.at)"
)
_PURGE = (
    "DELETE FROM mailings WHERE (key, recipient, mail) IN (SELECT key, recipient, mail FROM mailings WHERE at <= ?"
    " LIMIT ?) RETURNING key, recipient, mail"
)
_COUNT = "SELECT count(DISTINCT recipient) FROM mailings WHERE key = ? AND at > ? AND (confirmed OR at > ? OR mail = ?)"


class MailingsHere:
    """Counts distinct recipients. `key` is the fingerprint subkey: no row tells sender, text or recipient."""

    def __init__(self, database: Database, key: bytes, clock: Callable[[], datetime]) -> None:
        """The file lies beside the database's. Raises StoreError."""
        assert database.place is not None
        self._database, self._key, self._clock = database, key, clock
        self._under_way: set[str] = set()
        self._gone: list[tuple[str]] = []
        self._gone_since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._connection = self._open(database.place.with_name(database.place.name + SUFFIX))

    async def reserve(self, key: str, recipients: Iterable[str], window: float, mail_id: str) -> int:
        """As `Mailings.reserve`. Raises StoreError."""
        now = self._clock().timestamp()
        name = hashed(self._key, f"mailing {key}")
        rows = [(name, hashed(self._key, person), mail_id, now) for person in set(recipients)]
        try:
            if len(self._gone) >= BATCH or (self._gone and now - self._gone_since > LINGER):
                self._settle()
            if mail_id in self._under_way:
                self._connection.execute(_CANCEL, (mail_id,))
            self._under_way.add(mail_id)
            if len(rows) == 1:
                self._connection.execute(_INSERT, rows[0])
            else:
                self._many([(_INSERT, rows)])
            since = (name, now - window, now - UNDER_WAY.total_seconds(), mail_id)
            return int(self._connection.execute(_COUNT, since).fetchone()[0])
        except sqlite3.Error as error:
            raise self._database.explained(error) from None

    async def confirm(self, mail_id: str) -> None:
        """The mail went: its recipients count. Written with others within LINGER: till then it counts as under way."""
        self._under_way.discard(mail_id)
        if not self._gone:
            self._gone_since = self._clock().timestamp()
            self._timer = asyncio.get_running_loop().call_later(LINGER, self._idle)
        self._gone.append((mail_id,))

    async def cancel(self, mail_id: str) -> None:
        """The mail was stopped, or not delivered: its recipients do not count."""
        self._under_way.discard(mail_id)
        try:
            self._connection.execute(_CANCEL, (mail_id,))
        except sqlite3.Error as error:
            raise self._database.explained(error) from None

    async def purge(self, _connection: AsyncConnection, limit: datetime) -> list[str]:
        """Delete what is as old as `limit`, a piece at a time; gives a name of each row."""
        rows = self._connection.execute(_PURGE, (limit.timestamp(), PIECE)).fetchall()
        return [f"{key.hex()} {recipient.hex()} {mail}" for key, recipient, mail in rows]

    def close(self) -> None:
        """Write what waits, and give the file back."""
        self._idle()
        self._connection.close()

    def _open(self, place: Path) -> sqlite3.Connection:
        prepare(place)
        try:
            connection = sqlite3.connect(place, timeout=BUSY, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA synchronous = OFF")
            for statement in _SCHEMA:
                connection.execute(statement)
        except sqlite3.Error as error:
            raise self._database.explained(error) from None
        return connection

    def _many(self, work: Sequence[tuple[str, Sequence[tuple[Any, ...]]]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for statement, rows in work:
                self._connection.executemany(statement, rows)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _settle(self) -> None:
        self._many([(_WENT, self._gone), (_CANCEL, self._gone)])
        self._gone = []
        if self._timer:
            self._timer.cancel()

    def _idle(self) -> None:
        """No other mail came to settle these; where it fails, the next one tries again."""
        with contextlib.suppress(sqlite3.Error):
            self._settle()

"""The count of mailings beside an SQLite store. Law: as `Mailings`, for the workers of one machine, without waiting.

With most presets every mail that leaves the council is counted, so this is on each mail's way, twice. A transaction by
way of the store's writer costs milliseconds, most of them for durability that a count of the last hour does not need.
So it lies in an LMDB file of its own that is never synced and is written in place, in some ten microseconds, from the
event loop itself. A power cut may tear such a file, so that after a boot it is made anew and the hour before is
forgotten. A worker that is killed may take with it that the mails of its last second went: they count as under way, and
so for a quarter of an hour.

Rows lie by the hour they were made in. What can count no more is at the front and is deleted as others are written, so
that the file holds two hours at most, whatever `retention.counters` says.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

import lmdb
from sqlalchemy.ext.asyncio import AsyncConnection

from mailguard.mail.errors import StoreError, StoreFull
from mailguard.store.database import Database
from mailguard.store.mailings import PIECE, SENT, UNDER_WAY, hashed

SUFFIX = "-mailings"
SIZE = 1024 * 1024 * 1024
"""Bytes the file may grow to: ten million recipients in two hours."""
SLOT = 3600
LINGER = 1.0
BATCH = 8
FORGET = 64
HASH = 16
# A row: its hour, hash of the mailing, hash of the recipient, the mail's id or SENT; seconds since the epoch.
_HOUR = struct.Struct(">I")
_PERSON = _HOUR.size + HASH
_WHOSE = _PERSON + HASH
_AT = struct.Struct("<d")
_SENT = SENT.encode()
_NOTHING = bytes(8)


class MailingsHere:
    """Counts distinct recipients. `key` is the fingerprint subkey: no row tells sender, text or recipient."""

    def __init__(self, database: Database, key: bytes, clock: Callable[[], datetime]) -> None:
        """The file lies beside the database's; it is opened by the first mail that is counted."""
        assert database.place is not None
        self._beside, self._key, self._clock = database.place, key, clock
        self._file: lmdb.Environment | None = None
        self._use = -1
        self._under_way: dict[str, list[tuple[bytes, bytes]]] = {}
        self._gone: list[tuple[bytes, bytes]] = []
        self._gone_since = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def reserve(self, key: str, recipients: Iterable[str], window: float, mail_id: str) -> int:
        """As `Mailings.reserve`, with a window of an hour at most. Raises StoreError, ValueError."""
        if window > SLOT:
            raise ValueError("only the last hour is kept")
        now = self._clock().timestamp()
        name, mail, at = self._hashed(f"mailing {key}"), mail_id.encode(), _AT.pack(now)
        start = _hour(now) + name
        if len(self._gone) >= BATCH or (self._gone and now - self._gone_since > LINGER):
            self._settle()
        rows = [(start + self._hashed(person) + mail, at) for person in set(recipients)]
        with self._write() as file:
            for row, _ in self._under_way.get(mail_id, ()):
                file.delete(row)
            for row, _ in rows:
                file.put(row, at)
            # Rows are in before they are counted, so of two mails at once the one that counts last sees both.
            number = _count(file, name, mail, now, window)
        self._under_way[mail_id] = rows
        return number

    async def confirm(self, mail_id: str) -> None:
        """The mail went: its recipients count. Written with others within LINGER: till then it counts as under way."""
        rows = self._under_way.pop(mail_id, None)
        if not rows:
            return
        if not self._gone:
            self._gone_since = self._clock().timestamp()
            self._timer = asyncio.get_running_loop().call_later(LINGER, self._idle)
        self._gone += rows

    async def cancel(self, mail_id: str) -> None:
        """The mail was stopped, or not delivered: its recipients do not count."""
        with self._write() as file:
            for row, _ in self._under_way.pop(mail_id, ()):
                file.delete(row)

    async def purge(self, _connection: AsyncConnection, limit: datetime) -> list[str]:
        """Delete what is as old as `limit`, or can count no more, a piece at a time; gives a name of each row."""
        before = max(limit.timestamp(), _still(self._clock().timestamp()))
        old: list[bytes] = []
        with self._write() as file:
            for name, at in file.cursor():
                if _HOUR.unpack_from(name)[0] * SLOT >= before or len(old) == PIECE:
                    break
                if _AT.unpack(at)[0] <= before:
                    old.append(bytes(name))
            for row in old:
                file.delete(row)
        return [row.hex() for row in old]

    def close(self) -> None:
        """Write what waits, and give the file back."""
        self._idle()
        self._leave()

    def _hashed(self, word: str) -> bytes:
        return hashed(self._key, word)[:HASH]

    @contextlib.contextmanager
    def _write(self) -> Iterator[lmdb.Transaction]:
        """One transaction, seen by every process when it ends. Raises StoreError."""
        try:
            if self._file is None:
                self._file, self._use = _opened(self._beside)
            with self._file.begin(write=True) as transaction:
                yield transaction
        except (lmdb.MapFullError, lmdb.DiskError) as error:
            self._make_room()
            raise StoreFull(f"there is no room left to count mailings ({type(error).__name__})") from None
        except (lmdb.Error, OSError) as error:
            self._leave()  # the next mail opens it again, and finds it made anew where it cannot be read
            raise StoreError(f"mailings cannot be counted beside {self._beside} ({type(error).__name__})") from None

    def _make_room(self) -> None:
        """For the next mail: of a transaction that found no room nothing stays, not what it deleted either."""
        with contextlib.suppress(lmdb.Error):
            if self._file:
                with self._file.begin(write=True) as transaction:
                    _forget(transaction, _still(self._clock().timestamp()), PIECE)
                # The pages that a transaction frees serve the next but one, if that between writes something.
                with self._file.begin(write=True) as transaction:
                    transaction.put(_NOTHING, _NOTHING)
                    transaction.delete(_NOTHING)

    def _leave(self) -> None:
        if self._file:
            self._file.close()
            os.close(self._use)
            self._file = None

    def _settle(self) -> None:
        with self._write() as file:
            for row, at in self._gone:
                sent = row[:_WHOSE] + _SENT
                file.put(sent, max(file.get(sent) or at, at, key=_AT.unpack))
                file.delete(row)
            _forget(file, _still(self._clock().timestamp()), FORGET + 2 * len(self._gone))
        self._gone = []
        if self._timer:
            self._timer.cancel()

    def _idle(self) -> None:
        """No other mail came to settle these; where it fails, the next one tries again."""
        if self._gone:
            with contextlib.suppress(StoreError):
                self._settle()


def _hour(at: float) -> bytes:
    return _HOUR.pack(int(at // SLOT))


def _still(now: float) -> float:
    """When the oldest hour began of which a row may count: a window of an hour began within the hour before this."""
    return (now // SLOT - 1) * SLOT


def _count(file: lmdb.Transaction, name: bytes, mail: bytes, now: float, window: float) -> int:
    """Distinct recipients of the mailing `name`: whom it went to within `window`, those under way, and this mail's."""
    people: set[bytes] = set()
    cursor, since, alive = file.cursor(), now - window, now - UNDER_WAY.total_seconds()
    # To the hour that is to come: the clock may have been put back a little.
    for hour in range(int(since // SLOT), int(now // SLOT) + 2):
        start = _HOUR.pack(hour) + name
        if not cursor.set_range(start):
            break
        for found, packed in cursor:
            row = bytes(found)
            if not row.startswith(start):
                break
            at, whose = _AT.unpack(packed)[0], row[_WHOSE:]
            if at > since and (whose in (_SENT, mail) or at > alive):
                people.add(row[_PERSON:_WHOSE])
    return len(people)


def _forget(file: lmdb.Transaction, before: float, most: int) -> None:
    """Delete some of what is older, from the front: more than was written, so that what is over gets less."""
    cursor, limit = file.cursor(), _hour(before)
    for _ in range(most):
        if not cursor.first() or bytes(cursor.key()) >= limit:
            return
        cursor.delete()


def _opened(beside: Path) -> tuple[lmdb.Environment, int]:
    """The file, made anew where it is of an earlier boot or cannot be read; and what tells that it is in use.

    Raises lmdb.Error, OSError.
    """
    place = beside.with_name(beside.name + SUFFIX)
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    folder = os.open(beside.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Of several workers that start together one looks, and the others find what it made.
        fcntl.flock(folder, fcntl.LOCK_EX)
        # When the clock is put forward, a file of this boot seems to be of an earlier one.
        if place.exists() and place.stat().st_mtime < booted and not _in_use(place):
            place.unlink()
        try:
            file = _environment(place, beside.stat())
        except (lmdb.CorruptedError, lmdb.InvalidError, lmdb.VersionMismatchError):
            if _in_use(place):
                raise
            place.unlink()
            file = _environment(place, beside.stat())
        return file, _locked(place, fcntl.LOCK_SH)
    finally:
        os.close(folder)


def _in_use(place: Path) -> bool:
    """True where a process has it open: what took its place would not be seen there."""
    try:
        os.close(_locked(place, fcntl.LOCK_EX | fcntl.LOCK_NB))
    except BlockingIOError:
        return True
    return False


def _locked(place: Path, how: int) -> int:
    """A descriptor that holds the lock till it is closed."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _environment(place: Path, owner: os.stat_result) -> lmdb.Environment:
    # Every transaction writes, so none takes a place among LMDB's readers.
    file = lmdb.open(str(place), subdir=False, map_size=SIZE, mode=0o600, sync=False, metasync=False, max_dbs=0)
    if not os.geteuid():  # a command run by root must not lock the service's own user out
        for path in (place, place.with_name(f"{place.name}-lock")):
            os.chown(path, owner.st_uid, owner.st_gid)
    return file

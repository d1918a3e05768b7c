"""Whose turn it is to write to one SQLite file, among processes. Law: who waits is passed by once, for SPELL at most.

Left to SQLite, a waiting process looks again after up to 100 ms, and a process with much to write begins anew in
between: with a backlog of two seconds after a restart, others waited for three. Here who is next holds one lock while
it waits for the other, so that who has just written stands behind it. In its turn a process writes what it has, one
transaction after another: to hand over after each takes longer than to write. The kernel gives back what a dead
process held.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
import weakref
from pathlib import Path

SPELL = 0.05
"""Seconds of a turn after which no other transaction begins in it."""
FIRST_LOOK = 0.001
LAST_LOOK = 0.005
"""Seconds between two looks at a lock, at first and at last."""


class Turn:
    """`async with` it around a transaction. Raises TimeoutError after `patience` seconds. One object a process."""

    def __init__(self, database: Path, patience: float) -> None:
        """Make the two files beside the database. Raises OSError."""
        self._next, self._now = self._file(database, "-next"), self._file(database, "-turn")
        self._patience = patience
        self._one = asyncio.Lock()
        self._waiting = 0
        self._ours = False  # the turn is this process's
        self._since = 0.0

    def _file(self, database: Path, suffix: str) -> int:
        path = database.with_name(database.name + suffix)
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        weakref.finalize(self, os.close, descriptor)
        if not os.geteuid():  # a command run by root must not lock the service's own user out
            owner = database.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        return descriptor

    async def __aenter__(self) -> None:
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._one.acquire()
                try:
                    await self._take_turn()
                except BaseException:
                    self._one.release()
                    raise
        finally:
            self._waiting -= 1
            if not self._one.locked():
                self._hand_over()  # it was kept for this one, who is gone

    async def __aexit__(self, *_: object) -> None:
        self._one.release()
        self._hand_over()

    async def _take_turn(self) -> None:
        if self._ours:
            return
        await _take(self._next)
        try:
            await _take(self._now)
        finally:
            fcntl.flock(self._next, fcntl.LOCK_UN)
        self._ours, self._since = True, time.monotonic()

    def _hand_over(self) -> None:
        if self._ours and (not self._waiting or time.monotonic() - self._since > SPELL):
            self._ours = False
            fcntl.flock(self._now, fcntl.LOCK_UN)


async def _take(descriptor: int) -> None:
    pause = FIRST_LOOK
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            await asyncio.sleep(pause)
            pause = min(LAST_LOOK, pause * 2)

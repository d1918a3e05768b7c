"""SQLite statements in one step each. Law: what a statement gives is as the driver's own cursor gives it.

The driver runs a connection in a thread, and SQLAlchemy asks it four times a statement: make a cursor, execute, fetch,
close. Each time the event loop has to come round, and a transaction keeps all other writers out meanwhile. Here it
comes round once a statement.

Rows that go in together do so in one statement of many: the driver gives Python's lock away and takes it again for each
statement, and with mail under way that is two threads woken a row.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from typing import Any, Self

import aiosqlite

MOST = 16_000
"""Parameters of one statement; SQLite takes 32,766 (https://sqlite.org/limits.html, 9)."""
_ROW = re.compile(r"INSERT INTO [^()]+\([^()]+\) VALUES \([?, ]+\)")


class Statement:
    """In the place of `aiosqlite.Cursor`: `execute` has fetched all rows when it returns."""

    arraysize = 1

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection: Any = connection  # its thread and the connection in it have no public names
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount, self.lastrowid = -1, 0

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> Self:
        """Run one statement and fetch what it gives. Raises sqlite3.Error."""
        return await self._run(sqlite3.Cursor.execute, operation, parameters)

    async def executemany(self, operation: str, parameters: Sequence[Sequence[Any]]) -> Self:
        """Run one statement for each of `parameters`, or one of all rows that are put in. Raises sqlite3.Error."""
        if _ROW.fullmatch(operation):
            await self._run(_put, operation, parameters)
            self.rowcount, self.lastrowid = len(parameters), 0
            return self
        return await self._run(sqlite3.Cursor.executemany, operation, parameters)

    async def fetchall(self) -> list[Any]:
        """The rows, once."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is open any more."""

    async def _run(self, how: Any, operation: str, parameters: Sequence[Any]) -> Self:
        await self._connection._execute(self._do, how, operation, parameters)
        return self

    def _do(self, how: Any, operation: str, parameters: Sequence[Any]) -> None:
        """In the connection's thread."""
        cursor = self._connection._conn.cursor()
        try:
            how(cursor, operation, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid or 0
        finally:
            cursor.close()


def _put(cursor: sqlite3.Cursor, operation: str, parameters: Sequence[Sequence[Any]]) -> None:
    """Put in all rows, as many in one statement as it takes."""
    start, word, values = operation.rpartition("VALUES ")
    most = max(1, MOST // values.count("?"))
    for at in range(0, len(parameters), most):
        piece = parameters[at : at + most]
        cursor.execute(start + word + ", ".join([values] * len(piece)), [value for given in piece for value in given])

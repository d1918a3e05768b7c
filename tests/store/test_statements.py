"""Statements in one step: what they give is what the driver's own cursor gives, the thread asked once for each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text

from mailguard.store import statements
from mailguard.store.database import Database
from mailguard.store.statements import Statement

SCRIPT: tuple[tuple[str, str, Any], ...] = (
    ("execute", "CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT UNIQUE)", ()),
    ("execute", "INSERT INTO t (word) VALUES (?)", ("one",)),
    ("executemany", "INSERT INTO t (word) VALUES (?)", [("two",), ("three",)]),
    ("execute", "SELECT * FROM t ORDER BY id", ()),
    ("execute", "SELECT * FROM t WHERE id = 99", ()),
    ("execute", "UPDATE t SET word = word || '!' WHERE id > 1", ()),
    ("execute", "UPDATE t SET word = word || '?' WHERE id > 1 RETURNING id, word", ()),
    ("execute", "DELETE FROM t WHERE id = 1 RETURNING id", ()),
    ("execute", "INSERT INTO t (word) VALUES (?) ON CONFLICT DO NOTHING", ("two!?",)),
)


async def told(make: Callable[[], Any]) -> list[Any]:
    """All that a cursor says of each statement; each has a new one, as SQLAlchemy makes them."""
    said = []
    for how, operation, parameters in SCRIPT:
        cursor = await make().__aenter__()
        await getattr(cursor, how)(operation, parameters)
        rows = await cursor.fetchall() if cursor.description else []
        said.append((list(rows), cursor.description, cursor.rowcount, cursor.lastrowid or 0))
    return said


async def test_it_says_what_the_drivers_cursor_says() -> None:
    async with aiosqlite.connect(":memory:") as one, aiosqlite.connect(":memory:") as two:
        assert await told(lambda: Statement(two)) == await told(one.cursor)


async def test_an_error_is_the_drivers() -> None:
    async with aiosqlite.connect(":memory:") as connection:
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await Statement(connection).execute("SELECT * FROM nowhere")
        await Statement(connection).execute("SELECT 1")


async def test_the_thread_is_asked_once_a_statement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database, asked = Database(f"sqlite:///{tmp_path / 'm.db'}"), 0
    execute = aiosqlite.Connection._execute

    async def counted(connection: aiosqlite.Connection, *given: Any) -> Any:
        nonlocal asked
        asked += 1
        return await execute(connection, *given)

    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE t (id INTEGER)"))
        monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
        for number in range(5):
            await connection.execute(text("INSERT INTO t VALUES (:number)"), {"number": number})
        assert (await connection.execute(text("SELECT count(*) FROM t"))).scalar_one() == 5
        monkeypatch.undo()
    assert asked == 6
    await database.close()


async def test_many_rows_go_in_with_few_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST", 7)
    rows = [(number, f"w{number}") for number in range(10)]
    seen: list[str] = []
    async with aiosqlite.connect(":memory:") as connection:
        await connection.execute("CREATE TABLE t (id INTEGER, word TEXT)")
        await connection.set_trace_callback(seen.append)
        put = await Statement(connection).executemany("INSERT INTO t (id, word) VALUES (?, ?)", rows)
        assert put.rowcount == 10
        assert (
            len([said for said in seen if said.startswith("INSERT")]) == 4
        )  # three rows have room in seven parameters
        assert await (await connection.execute("SELECT * FROM t ORDER BY id")).fetchall() == rows


async def test_what_is_not_a_plain_row_is_run_once_for_each() -> None:
    async with aiosqlite.connect(":memory:") as connection:
        await connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT)")
        insert = "INSERT INTO t (id, word) VALUES (?, ?) ON CONFLICT DO UPDATE SET word = word || excluded.word"
        await Statement(connection).executemany(insert, [(1, "a"), (1, "b"), (2, "c")])
        await Statement(connection).executemany("UPDATE t SET word = ? WHERE id = ?", [("x", 1), ("y", 2)])
        assert await (await connection.execute("SELECT * FROM t ORDER BY id")).fetchall() == [(1, "x"), (2, "y")]

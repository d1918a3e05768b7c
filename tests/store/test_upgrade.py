"""The schema: made by migrations alone, equal to the tables the code knows, left alone when it is newer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from mailguard.mail.errors import StoreError
from mailguard.store.database import Database
from mailguard.store.schema import HEAD, metadata
from mailguard.store.upgrade import MIGRATIONS, current, upgrade, upgrade_apart


def differences(connection: Connection) -> list[object]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


async def test_migrations_make_exactly_the_tables(empty: str) -> None:
    database = Database(empty)
    await upgrade(database)
    async with database.read() as connection:
        assert await connection.run_sync(current) == HEAD
        assert await connection.run_sync(differences) == []
    await upgrade(database)
    await database.close()


async def test_a_newer_schema_is_left_alone(empty: str) -> None:
    database = Database(empty)
    await upgrade(database)
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="made by a newer mailguard"):
        await upgrade(database)
    async with database.read() as connection:
        assert await connection.run_sync(current) == "9999"
    await database.close()


async def test_a_migration_that_fails_leaves_nothing(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    database = Database(empty)

    def broken(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE half (a INTEGER)"))
        raise OperationalError("x", {}, Exception("x"))

    monkeypatch.setattr("mailguard.store.upgrade._upgrade", broken)
    with pytest.raises(StoreError):
        await upgrade(database)
    async with database.read() as connection:
        assert await connection.run_sync(lambda sync: sync.dialect.has_table(sync, "half")) is False
    await database.close()


async def test_in_a_process_of_its_own_it_is_the_same(empty: str) -> None:
    await upgrade_apart(empty)
    database = Database(empty)
    async with database.read() as connection:
        assert await connection.run_sync(current) == HEAD
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    # What fails there is said by whoever comes next, and changes nothing.
    await upgrade_apart(empty)
    async with database.read() as connection:
        assert await connection.run_sync(current) == "9999"
    await database.close()


def test_downgrade_is_the_way_back(tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{tmp_path}/db")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        command.downgrade(config, "base")
        command.upgrade(config, "head")
        assert differences(connection) == []
    engine.dispose()


def test_a_start_on_an_up_to_date_store_does_not_import_alembic(tmp_path: Path) -> None:
    code = """
import asyncio, sys
from pathlib import Path
from mailguard.store.store import Store
async def main(folder):
    await (await Store.open(f"sqlite:///{folder}/db", folder / "held", folder / "key")).close()
asyncio.run(main(Path(sys.argv[1])))
print("alembic" in sys.modules, "zstandard" in sys.modules, "asyncpg" in sys.modules)
"""
    words = [sys.executable, "-c", code, str(tmp_path)]
    first, second = (subprocess.run(words, capture_output=True, text=True, check=True).stdout for _ in range(2))
    assert first.split() == ["True", "False", "False"]
    assert second.split() == ["False", "False", "False"]

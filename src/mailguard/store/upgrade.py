"""Brings the schema to this version. Law: a store made by a newer mailguard is left alone."""

from __future__ import annotations

import asyncio
import importlib
import sys
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from mailguard.mail.errors import StoreError
from mailguard.store.database import Database
from mailguard.store.schema import HEAD

MIGRATIONS = Path(__file__).parent / "migrations"


async def upgrade(database: Database) -> None:
    """Run the migrations that are missing, one starter at a time; nothing where the schema is up to date."""
    async with database.read() as connection:
        version = await connection.run_sync(current)
    if version == HEAD:
        return
    # Alembic takes most of a second to import: only whoever needs it pays, and not on the event loop.
    await asyncio.to_thread(importlib.import_module, "alembic.command")
    async with database.write() as connection:
        await database.lock(connection, "mailguard schema")
        await connection.run_sync(_upgrade)


async def upgrade_apart(url: str) -> None:
    """As `upgrade`, in a process of its own: Alembic's 26 MB end with it. What fails there, `upgrade` will say."""
    database = await asyncio.to_thread(Database, url)
    try:
        async with database.read() as connection:
            version = await connection.run_sync(current)
    finally:
        await database.close()
    if version == HEAD:
        return
    # The URL may hold a password: it goes by standard input, where no other process sees it.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", __name__, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    await process.communicate(url.encode())


def current(connection: Connection) -> str:
    """The revision the schema is at, "" for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    # "%" begins an interpolation in Alembic's options.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    version = current(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version and version not in known:
        raise StoreError(
            f"the store is at version {version}, made by a newer mailguard: run that one, or restore a backup"
        )
    command.upgrade(config, HEAD)


async def _main(url: str) -> None:
    database = Database(url)
    try:
        await upgrade(database)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(_main(sys.stdin.read()))

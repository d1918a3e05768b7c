"""Opening the store for a command. Law: a command makes no key; the daemon did, or there is nothing to open."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer

from mailguard.cli.common import faults_told, read_config

if TYPE_CHECKING:
    from mailguard.config import Config
    from mailguard.store.store import Store

T = TypeVar("T")
LONDON = ZoneInfo("Europe/London")

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides; recorded. Default: your login name.")]


def login() -> str:
    """Who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def with_store(path: Path, work: Callable[[Config, Store], Awaitable[T]]) -> T:
    """Run `work` on the configuration's store; errors end the command with status 1."""
    config = read_config(path)

    async def run() -> T:
        async with _opened(config) as store:
            return await work(config, store)

    with faults_told():
        return asyncio.run(run())


@asynccontextmanager
async def _opened(config: Config) -> AsyncIterator[Store]:
    from mailguard.store.store import Store

    table = config.settings.store
    store = await Store.open(table.url, table.held, table.key, create_key=False)
    try:
        yield store
    finally:
        await store.close()


def stamp(moment: datetime) -> str:
    """A time for scripts: ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def shown(moment: datetime) -> str:
    """A time for people in Britain."""
    return moment.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


def midnight(day: date, after: int = 0) -> datetime:
    """The beginning of a day in London (or of one `after` it), in UTC."""
    return datetime.combine(day + timedelta(days=after), time(0), LONDON).astimezone(UTC)

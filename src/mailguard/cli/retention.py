"""`mailguard retention`: how long records are kept, and what was deleted. Law: nothing is deleted without a record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from mailguard.cli.common import DEFAULT, AsJson, ConfigFile, new_app, out
from mailguard.cli.records import shown, stamp, with_store

if TYPE_CHECKING:
    from mailguard.config import Config
    from mailguard.store.retention import Deletion, Report
    from mailguard.store.store import Store

app = new_app(help="How long records are kept, and what was deleted: list, run.", invoke_without_command=True)
DAY = 86400


@app.callback()
def retention(ctx: typer.Context, config: ConfigFile = DEFAULT, as_json: AsJson = False) -> None:
    """How long records are kept, and what was deleted; `retention` alone is `retention list`."""
    if ctx.invoked_subcommand is None:
        list_deletions(config, as_json)


@app.command("list")
def list_deletions(config: ConfigFile = DEFAULT, as_json: AsJson = False) -> None:
    """How long each kind is kept, and every deletion.

    A deletion has its kind, count, time, and the hash that proves it.
    """

    async def work(checked: Config, store: Store) -> tuple[Config, list[Deletion]]:
        from mailguard.store.retention import deletions

        return checked, await deletions(store)

    checked, made = with_store(config, work)
    if not as_json:
        for kind, seconds in dict(checked.settings.retention).items():
            here = kind == "counters" and checked.settings.store.url.startswith("sqlite")
            out(f"{kind:<10} {'2 hours (SQLite keeps no more)' if here else f'{seconds / DAY:g} days'}")
    for item in made:
        out(_data(item) if as_json else f"{shown(item.at)} {item.kind:<10} {item.count:>7} {item.hash}")


@app.command()
def run(config: ConfigFile = DEFAULT, as_json: AsJson = False) -> None:
    """Delete now what has been kept long enough.

    The daemon does so by itself every hour.
    """

    async def work(checked: Config, store: Store) -> Report:
        from mailguard.daemon.assembly import services
        from mailguard.daemon.house import retain

        return await retain(services(checked, store, {}), checked)

    report = with_store(config, work)
    for number in report.expired:
        out(json.dumps({"expired": number}) if as_json else f"case {number}: expired, nobody decided in time")
    for item in report.deletions:
        out(_data(item) if as_json else f"{item.kind:<10} {item.count:>7} {item.hash}")


def _data(item: Deletion) -> str:
    return json.dumps({"kind": item.kind, "count": item.count, "at": stamp(item.at), "hash": item.hash})

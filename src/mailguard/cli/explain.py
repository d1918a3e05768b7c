"""`mailguard explain`: the verdict on mails in files, with its grounds. Law: it sends and stores nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from mailguard.cli.common import AsJson, ConfigOrDemo, day, faults_told, new_app, out, read_config, say

app = new_app()


def noon(date: datetime | None) -> datetime | None:
    """`--at DATE`: noon of that day in London, as an aware time in UTC."""
    if date is None:
        return None
    return datetime.combine(date.date(), time(12), ZoneInfo("Europe/London")).astimezone(UTC)


@app.command()
def explain(  # noqa: PLR0917 - options of a command
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Mails (.eml).")],
    config: ConfigOrDemo = None,
    sender: Annotated[str | None, typer.Option("--sender", metavar="A", help="The envelope's sender.")] = None,
    recipient: Annotated[
        list[str] | None, typer.Option("--recipient", metavar="A", help="One of its recipients.")
    ] = None,
    at: Annotated[
        datetime | None, typer.Option("--at", parser=day, metavar="DATE", help="The day of sending, like 2026-05-07.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what would be done with each mail, and why.

    Each clause with its evidence, and the defences that save the mail from it. Exit status 0 whatever the
    verdict; 1 where a file or the configuration could not be read.
    """
    checked = read_config(config)
    from mailguard.cli.bench import Bench
    from mailguard.cli.render import as_data, as_page

    unread = 0
    with faults_told(), Bench(checked) as bench:
        for number, file in enumerate(files):
            try:
                data = file.read_bytes()
            except OSError as error:
                say(f"{file}: cannot be read: {error.strerror}")
                unread += 1
                continue
            judged = bench.judge(data, sender=sender, recipients=tuple(recipient or ()), at=noon(at))
            if as_json:
                out(json.dumps(as_data(str(file), judged)))
            else:
                out(("\n" if number else "") + as_page(str(file), judged))
    raise typer.Exit(1 if unread else 0)

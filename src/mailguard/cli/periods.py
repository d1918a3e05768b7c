"""`mailguard periods`: the election calendar, and what it changes. Law: a period has an end, and ends by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailguard.cli.common import DEFAULT, AsJson, ConfigFile, day, new_app, out, read_config
from mailguard.cli.explain import noon
from mailguard.cli.records import shown, stamp

if TYPE_CHECKING:
    from mailguard.policy.calendar import Change
    from mailguard.policy.period import Period

app = new_app()


@app.command()
def periods(
    config: ConfigFile = DEFAULT,
    at: Annotated[datetime | None, typer.Option("--at", parser=day, metavar="DATE", help="Default: now.")] = None,
    as_json: AsJson = False,
) -> None:
    """The election calendar, and what a period changes.

    Every period with its first and last moment, and whether it is in force.
    """
    from mailguard.policy.calendar import Calendar, changes

    checked = read_config(config)
    moment = noon(at) or datetime.now(UTC)
    calendar = Calendar(checked.polls)
    for period in calendar.all:
        out(json.dumps(_data(period, moment)) if as_json else _line(period, moment))
    if as_json:
        return
    if not calendar.all:
        out("No poll is entered: write [[poll]] with name and date.")
    out("\nWhat a period changes")
    lines = [_change(change) for change in changes(checked.policy.clauses)]
    lines += [
        f"  {clause.id}: only in a period, {clause.do}" for clause in checked.policy.clauses if clause.what.period
    ]
    out("\n".join(lines) if lines else "  nothing: every clause does in a period what it always does")


def _data(period: Period, at: datetime) -> dict[str, Any]:
    return {
        "name": period.name,
        "kind": period.kind,
        "starts": stamp(period.start),
        "ends": stamp(period.end),
        "wards": list(period.wards),
        "notice": "computed" if period.computed else "entered",
        "in_force": period.holds(at),
    }


def _line(period: Period, at: datetime) -> str:
    state = "in force" if period.holds(at) else "to come" if at < period.start else "over"
    wards = ", ".join(period.wards) or "all wards"
    notice = "notice computed" if period.computed else "notice as entered"
    return f"{shown(period.start)} to {shown(period.end)} {state}: {period.name} ({period.kind}, {wards}; {notice})"


def _change(change: Change) -> str:
    then = [f"{change.usual} becomes {change.then}"] if change.then != change.usual else []
    dropped = [f"no longer saved by {', '.join(change.dropped)}"] if change.dropped else []
    return f"  {change.clause}: {'; '.join(then + dropped)} ({change.wards} wards)"

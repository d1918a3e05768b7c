"""`mailguard cases`: stopped and rerouted mail. Law: a command sets a state; the daemon sends, once."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailguard.cli.common import DEFAULT, AsJson, ConfigFile, new_app, out
from mailguard.cli.records import By, login, shown, stamp, with_store
from mailguard.mail.errors import StoreError

if TYPE_CHECKING:
    from mailguard.config import Config
    from mailguard.store.cases import Case, Change
    from mailguard.store.store import Store

app = new_app(help="Stopped and rerouted mail: list, show, decide, keep.", no_args_is_help=True)

WIDTH = 80
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The case, like 2026-000017.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; recorded with the case.")]
Told = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; recorded, and told to the sender.")]


@app.command("list")
def list_cases(
    config: ConfigFile = DEFAULT,
    state: Annotated[str, typer.Option("--state", metavar="STATE", help="In this state alone, like held.")] = "",
    as_json: AsJson = False,
) -> None:
    """Every case, oldest first.

    With --state held, what waits for a decision.
    """

    async def work(_: Config, store: Store) -> list[Case]:
        from mailguard.store.cases import STATES

        if state and state not in STATES:
            raise StoreError(f'"{state}" is no state of a case; write one of {", ".join(sorted(STATES))}')
        return [case for case in await store.cases.list() if state in {"", case.state}]

    cases = with_store(config, work)
    if not as_json and cases:
        out(f"{'case':<12} {'state':<18} {'action':<8} {'changed':<16} clauses")
    for case in cases:
        ids = _ids(case)
        line = f"{case.number:<12} {case.state:<18} {case.action:<8} {shown(case.changed)} {', '.join(ids)}"
        out(json.dumps(as_data(case)) if as_json else line)


@app.command()
def show(number: Number, config: ConfigFile = DEFAULT, as_json: AsJson = False) -> None:
    """One case: clauses, masked evidence, defences, history."""

    async def work(_: Config, store: Store) -> tuple[Case, list[Change]]:
        return await store.cases.get(number), list(await store.cases.history(number))

    case, history = with_store(config, work)
    if as_json:
        steps = [
            {"was": step.was, "state": step.state, "by": step.by, "reason": step.reason, "at": stamp(step.at)}
            for step in history
        ]
        more: dict[str, Any] = {
            "frozen": case.frozen,
            "evidence": list(case.evidence),
            "defences": list(case.defences),
            "factors": dict(case.factors),
        }
        out(json.dumps(as_data(case) | more | {"policy": case.policy, "version": case.version, "history": steps}))
        return
    out(_page(case, history))


@app.command()
def release(
    number: Number,
    config: ConfigFile = DEFAULT,
    by: By = "",
    reason: Reason = "",
    again: Annotated[bool, typer.Option("--again", help="Send anew what is uncertain or undelivered.")] = False,
) -> None:
    """Let a held mail go: it is delivered as it was, once."""

    async def work(_: Config, store: Store) -> Case:
        return await store.release(number, by or login(), reason, again=again)

    out(f"{number}: {with_store(config, work).state}")


@app.command()
def refuse(number: Number, config: ConfigFile = DEFAULT, by: By = "", reason: Told = "") -> None:
    """Refuse a held mail and tell its sender.

    It is kept until retention deletes it.
    """

    async def work(given: Config, store: Store) -> Case:
        from mailguard.actions.cases import notify
        from mailguard.daemon.assembly import services

        shared = services(given, store, {})
        case = await store.refuse(number, by or login(), reason)
        await notify(shared, case, "refused", reason)
        return case

    out(f"{number}: {with_store(config, work).state}")


@app.command()
def freeze(number: Number, config: ConfigFile = DEFAULT, by: By = "", reason: Reason = "") -> None:
    """Keep a case from retention: an appeal, a complaint.

    Its mail, history and records stay, and it does not expire, until `thaw`.
    """
    _freeze(config, number, True, by, reason)


@app.command()
def thaw(number: Number, config: ConfigFile = DEFAULT, by: By = "", reason: Reason = "") -> None:
    """Let retention have a frozen case again."""
    _freeze(config, number, False, by, reason)


def _freeze(config: Path, number: str, frozen: bool, by: str, reason: str) -> None:
    async def work(_: Config, store: Store) -> Case:
        return await store.cases.freeze(number, frozen, by or login(), reason)

    case = with_store(config, work)
    out(f"{number}: {case.state}, {'frozen' if case.frozen else 'not frozen'}")


def as_data(case: Case) -> dict[str, Any]:
    """The object `cases list --json` prints for one case."""
    return {
        "number": case.number,
        "state": case.state,
        "action": case.action,
        "clauses": _ids(case),
        "sender": case.sender,
        "recipients": list(case.recipients),
        "message_id": case.message_id,
        "created": stamp(case.created),
        "changed": stamp(case.changed),
    }


def _ids(case: Case) -> list[str]:
    return [str(clause["id"]) for clause in case.clauses]


def _page(case: Case, history: list[Change]) -> str:
    frozen = ", frozen" if case.frozen else ""
    decides = ", ".join(dict.fromkeys(str(item["decides"]) for item in case.clauses if item.get("decides")))
    lines = [f"Case {case.number}: {case.state} ({case.action}){frozen}"]
    lines += [f"Policy {case.policy} {case.version}", f"Sent {shown(case.created)}; decides: {decides}", ""]
    lines.append(f"From {case.sender}")
    lines += [f"To   {recipient}" for recipient in case.recipients]
    lines += ["", "Clauses"]
    for clause in case.clauses:
        lines.append(_line(f"{clause['id']}: {clause.get('say', '')} ({clause.get('cites', '')})"))
    for title, items in (("Evidence", case.evidence), ("Defences", case.defences)):
        if items:
            # One finding may stand for several clauses.
            lines += ["", title, *dict.fromkeys(_line(_words(item)) for item in items)]
    lines += ["", "History"]
    lines += [_line(f"{shown(step.at)} {step.state}, by {step.by}. {step.reason}".rstrip()) for step in history]
    return "\n".join(lines)


def _words(item: Mapping[str, Any]) -> str:
    name = item.get("rule") or item.get("name") or ""
    masked = f" [{' '.join(item['masked'].split())}]" if item.get("masked") else ""
    where = f" in {item['where']}" if item.get("where") else ""
    return f"{str(name).replace('_', ' ')}{where}: {item.get('why', '')}{masked}"


def _line(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="    ")

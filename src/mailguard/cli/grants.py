"""`mailguard grants`: permissions for one clause (VOL-3). Law: a grant says who, what, how many, and until when."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailguard.cli.common import DEFAULT, AsJson, ConfigFile, day, new_app, out
from mailguard.cli.records import By, login, midnight, shown, stamp, with_store
from mailguard.mail.errors import StoreError

if TYPE_CHECKING:
    from mailguard.config import Config
    from mailguard.store.grants import Grant
    from mailguard.store.store import Store

app = new_app(help="Permissions for mailings: add, list, end.", no_args_is_help=True)


@app.command()
def add(  # noqa: PLR0917 - options of a command
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="The member's address.")],
    clause: Annotated[str, typer.Option("--clause", metavar="ID", help="The clause that is lifted, like VOL-3.")],
    purpose: Annotated[str, typer.Option("--purpose", metavar="TEXT", help="What the mailing is for.")],
    first: Annotated[datetime, typer.Option("--from", parser=day, metavar="DATE", help="The first day.")],
    last: Annotated[datetime, typer.Option("--until", parser=day, metavar="DATE", help="The last day.")],
    largest: Annotated[int | None, typer.Option("--largest", min=1, metavar="N", help="Recipients at most.")] = None,
    config: ConfigFile = DEFAULT,
    by: By = "",
) -> None:
    """Allow a member what a clause would stop."""

    async def work(checked: Config, store: Store) -> Grant:
        return await store.grants.add(
            _address(checked, member),
            _clause(checked, clause),
            purpose=purpose,
            largest=largest,
            begins=midnight(first.date()),
            ends=midnight(last.date(), after=1),
            approver=by or login(),
        )

    out(f"grant {with_store(config, work).id}")


@app.command("list")
def list_grants(config: ConfigFile = DEFAULT, as_json: AsJson = False) -> None:
    """Every grant, ended ones too."""

    async def work(_: Config, store: Store) -> list[Grant]:
        return await store.grants.list()

    for grant in with_store(config, work):
        out(json.dumps(as_data(grant)) if as_json else _line(grant))


@app.command()
def end(
    number: Annotated[int, typer.Argument(metavar="ID", help="The grant.")],
    config: ConfigFile = DEFAULT,
    by: By = "",
) -> None:
    """End a grant now."""

    async def work(_: Config, store: Store) -> Grant:
        return await store.grants.end(number, by or login())

    out(f"grant {with_store(config, work).id} has ended")


def as_data(grant: Grant) -> dict[str, Any]:
    """The object `grants list --json` prints for one grant."""
    return {
        "id": grant.id,
        "member": grant.member,
        "clause": grant.clause,
        "purpose": grant.purpose,
        "largest": grant.largest,
        "begins": stamp(grant.begins),
        "ends": stamp(grant.ends),
        "approver": grant.approver,
        "created": stamp(grant.created),
        "ended": stamp(grant.ended) if grant.ended else None,
        "ended_by": grant.ended_by or None,
    }


def _line(grant: Grant) -> str:
    state = f"ended {shown(grant.ended)} by {grant.ended_by}" if grant.ended else f"until {shown(grant.ends)}"
    number = "any number" if grant.largest is None else f"at most {grant.largest}"
    scope = f"{grant.member}, {number}, from {shown(grant.begins)}, {state}"
    return f"{grant.id:>5} {grant.clause:<8} {scope}: {grant.purpose}"


def _address(config: Config, text: str) -> str:
    from mailguard.examine import build_register

    member = build_register(config).member_at(text)
    if member is None and config.settings.members.scope == "members":
        raise StoreError(f"{text} is no member's address; see mailguard members")
    return member.address if member else text.lower()


def _clause(config: Config, identity: str) -> str:
    clause = next((item for item in config.policy.clauses if item.id == identity), None)
    if clause is None:
        raise StoreError(f"there is no clause {identity}; see mailguard check-config")
    if "grant" not in clause.unless:
        raise StoreError(f"clause {identity} takes no grant; its unless does not name it")
    return clause.id

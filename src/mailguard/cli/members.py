"""`mailguard members`: the members as the gateway knows them. Law: it shows to the operator what he wrote, no more."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer

from mailguard.cli.common import DEFAULT, AsJson, ConfigFile, new_app, out, read_config

app = new_app(help="The members as the gateway knows them.", invoke_without_command=True)


@app.callback()
def members(ctx: typer.Context, config: ConfigFile = DEFAULT, as_json: AsJson = False) -> None:
    """The members as the gateway knows them; `members` alone is `members list`."""
    if ctx.invoked_subcommand is None:
        list_members(config, as_json)


@app.command("list")
def list_members(config: ConfigFile = DEFAULT, as_json: AsJson = False) -> None:
    """Every member.

    As JSON with all that is known of each: addresses, ward, party, group, posts, delegates.
    """
    checked = read_config(config)
    if not as_json and checked.members:
        out(f"{'address':<36} {'ward':<20} {'group':<24} delegates")
    for member in checked.members:
        line = f"{member.address:<36} {member.ward:<20} {member.group:<24} {', '.join(member.delegates)}".rstrip()
        out(json.dumps(asdict(member)) if as_json else line)

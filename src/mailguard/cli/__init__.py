"""The command line. Law: the contract of each command is in docs/cli.md, and scripts may rely on it.

Each command is a module of this folder with an `app`; it is imported when it is called, so that `check-config`
does not wait for what `evaluate` needs.
"""

from __future__ import annotations

import importlib
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from mailguard import __version__

COMMANDS = {
    "init": "init",
    "check-config": "check_config",
    "run": "run",
    "explain": "explain",
    "backtest": "backtest",
    "evaluate": "evaluate",
    "train": "train",
    "selftest": "selftest",
    "members": "members",
    "periods": "periods",
    "cases": "cases",
    "grants": "grants",
    "retention": "retention",
}
"""Commands in the order of a first week, and their modules."""


class Lazy(TyperGroup):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command, in the order above."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"mailguard.cli.{COMMANDS[cmd_name]}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="mailguard",
    cls=Lazy,
    help="Applies a council's e-mail policy to its members' outgoing mail.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"mailguard {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Makes this a group even before a command is registered."""


def main() -> None:
    """Entry point of the `mailguard` command."""
    app()

"""What the commands share. Law: results go to standard output, everything else to standard error."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mailguard.config import Config

DEFAULT = Path("mailguard.toml")

ConfigFile = Annotated[Path, typer.Option("--config", metavar="F", help="The operator's file.")]
ConfigOrDemo = Annotated[
    Path | None, typer.Option("--config", metavar="F", help="The operator's file; without it the demonstration's.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for scripts.")]


def day(text: str) -> datetime:
    """A day as it is written in an option."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise typer.BadParameter(f'write a day like 2026-05-07, not "{text}"')


def new_app(**settings: object) -> typer.Typer:
    """An app with the house's manners."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, **settings)  # type: ignore[arg-type]


def say(text: str) -> None:
    """One line to standard error."""
    sys.stderr.write(f"{text}\n")


def out(text: str) -> None:
    """One line to standard output."""
    sys.stdout.write(f"{text}\n")


@contextmanager
def faults_told() -> Iterator[None]:
    """An error made on purpose, or the system's about a file, becomes its lines on standard error and exit status 1."""
    from mailguard.mail.errors import ConfigError, MailguardError

    try:
        yield
    except MailguardError as error:
        for fault in error.faults if isinstance(error, ConfigError) else [str(error)]:
            say(fault)
        raise typer.Exit(1) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise typer.Exit(0) from None
    except OSError as error:
        if error.filename is None:
            raise
        say(f"{error.filename}: {error.strerror}")
        raise typer.Exit(1) from None


def read_config(path: Path | None) -> Config:
    """The checked configuration; its faults end the command."""
    from mailguard.examine import load_config

    with faults_told():
        return load_config(path)

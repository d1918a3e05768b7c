"""The commands themselves: each is there, says what it does, and imports no more than it needs."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from mailguard.cli import COMMANDS, Lazy, app


def test_help_lists_every_command() -> None:
    text = CliRunner().invoke(app, ["--help"]).stdout
    assert all(f"  {name} " in text for name in Lazy().list_commands(None))


@pytest.mark.parametrize("name", Lazy().list_commands(None))
def test_each_has_help_and_takes_config(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0
    assert "Usage: " in result.stdout


def test_an_unknown_command_is_a_wrong_command_line() -> None:
    assert CliRunner().invoke(app, ["explian"]).exit_code == 2


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, mailguard.cli as c; c.typer.main.get_command(c.app); print('sqlalchemy' in sys.modules)"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "False"
    assert "explain" in COMMANDS

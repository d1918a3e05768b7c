"""The commands themselves: each is there, says what it does, and imports no more than it needs."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mailguard import __version__
from mailguard.cli import COMMANDS, Lazy, app


def test_help_lists_every_command() -> None:
    text = CliRunner().invoke(app, ["--help"]).stdout
    assert all(f"  {name} " in text for name in Lazy().list_commands(None))


@pytest.mark.parametrize("words", [(), ("members",), ("cases",), ("grants",), ("retention",)])
def test_a_list_of_commands_cuts_no_sentence_at_eighty_columns(words: tuple[str, ...]) -> None:
    text = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "80"}).stdout
    assert "Commands:" in text
    assert "..." not in text.partition("Commands:")[2]


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"mailguard {__version__}\n"


@pytest.mark.parametrize("words", [["explain", "x.eml", "--at"], ["periods", "--at"]])
@pytest.mark.parametrize("day", ["7/5/2026", "2026-13-01", "20260507", ""])
def test_a_wrong_date_is_answered_with_the_right_form(words: list[str], day: str) -> None:
    result = CliRunner().invoke(app, [*words, day])
    assert result.exit_code == 2
    assert f'write a day like 2026-05-07, not "{day}"' in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["backtest", "box", "--resume", "nowhere/f"], "nowhere/f.new: No such file or directory\n"),
        (["backtest", "."], ".: holds no mail: no mbox, no Maildir, no .eml\n"),
        (["train", "absent.jsonl"], "absent.jsonl: No such file or directory\n"),
        (["train", "box"], "box:1: is no JSON object in UTF-8; mend or drop the line\n"),
        (["evaluate", "absent", "--rule", "iban"], "absent: cannot be read: No such file or directory\n"),
        (["evaluate", "latin", "--rule", "iban"], "latin: is not UTF-8 text; save the file as UTF-8\n"),
        (["init", "--preset", "lancashire", "box"], "box: is there already; move it away first, or name another f"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_line(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("box").write_text("From x\nFrom: a@council.example\n\nHello.\n")
    Path("latin").write_bytes(b'{"id": "1", "label": "x", "text": "caf\xe9"}\n')
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    assert result.stderr.startswith(said), result.stderr


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

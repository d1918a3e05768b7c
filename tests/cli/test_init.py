"""`init` and `check-config`: what one writes, the other finds sound."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mailguard.cli import app
from mailguard.config import preset_names


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(item) for item in arguments])


@pytest.mark.parametrize("preset", preset_names())
def test_the_written_file_is_sound_and_observes(preset: str, tmp_path: Path) -> None:
    assert run("init", "--preset", preset, tmp_path / "new").exit_code == 0
    file = tmp_path / "new" / "mailguard.toml"
    result = run("check-config", "--config", file)
    assert result.exit_code == 0, result.output
    assert f"Policy {preset}" in result.stdout
    assert "mode observe" in result.stdout
    assert "enforce" not in result.stdout


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mailguard.toml").write_text("mine")
    assert run("init", "--preset", "walsall", tmp_path).exit_code == 1
    assert (tmp_path / "mailguard.toml").read_text() == "mine"


def test_an_unknown_preset_is_told_the_nearest(tmp_path: Path) -> None:
    result = run("init", "--preset", "walsal", tmp_path)
    assert result.exit_code == 1
    assert 'did you mean "walsall"?' in result.stderr
    assert not list(tmp_path.iterdir())


def test_check_config_tells_every_error(tmp_path: Path) -> None:
    file = tmp_path / "mailguard.toml"
    file.write_text('preset = "walsal"\n[council]\ndomains = ["x"]\n[listen]\nadress = "a:1"\n')
    result = run("check-config", "--config", file)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert [line.removeprefix(f"{file}:").split(":")[0] for line in lines] == ["1", "1", "3", "4", "5"]


def test_check_config_lists_what_each_clause_serves(tmp_path: Path) -> None:
    run("init", "--preset", "lancashire", tmp_path)
    result = run("check-config", "--config", tmp_path / "mailguard.toml")
    assert "VOL-1" in result.stdout
    assert "(by analogy)" in result.stdout
    assert "members.csv: is not there, so no mail is judged" in result.stderr

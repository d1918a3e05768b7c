"""A backup made while the gateway runs gives every held mail back, byte for byte."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from tests.support.running import Running, mail, wait_for
from tests.support.sink import Sink

BACKUP = Path(__file__).parents[2] / "deploy" / "backup"
RESIDENTS = [f"resident{number}@homemail.example" for number in range(12)]


def run(name: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHON": sys.executable}
    return subprocess.run([BACKUP / name, *arguments], env=environ, capture_output=True, text=True, check=False)


def tool(name: str, *arguments: Path) -> str:
    done = run(name, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_held_mail_survives_the_loss_of_the_store(tmp_path: Path) -> None:
    held = mail("The minutes go to all of you.", to=", ".join(RESIDENTS), subject="To all residents")
    with Sink() as hop, Running(tmp_path, hop.port) as gateway:
        assert gateway.send("m.jones@council.example", RESIDENTS, held)[0] == 250
        (case,) = gateway.cases()
        assert case["state"] == "held"
        archive = Path(tool("backup", gateway.config, tmp_path / "backup"))
        assert gateway.stop() == 0
        shutil.rmtree(tmp_path / "var")
        (tmp_path / "var").mkdir()
        tool("restore", archive, gateway.config)
        gateway.start()
        assert [item["number"] for item in gateway.cases()] == [case["number"]]
        done = gateway.command("cases", "release", case["number"], "--reason", "approved")
        assert done.returncode == 0, done.stderr
        wait_for(lambda: [item for item in hop.received if item.sender])
        (sent,) = [item for item in hop.received if item.sender]
    assert sent.body == held.partition(b"\r\n\r\n")[2]
    assert oct(archive.stat().st_mode)[-3:] == "600"
    with tarfile.open(archive) as opened:
        assert not [name for name in opened.getnames() if "key" in name]


def test_nothing_is_put_back_under_a_gateway_that_runs(tmp_path: Path) -> None:
    """What it holds afterwards would be in the store that was moved aside."""
    with Sink() as hop, Running(tmp_path, hop.port) as gateway:
        archive = Path(tool("backup", gateway.config, tmp_path / "backup"))
        done = run("restore", archive, gateway.config)
        assert done.returncode == 1
        assert "the gateway is to be stopped first: web.address" in done.stderr
        assert gateway.send("m.jones@council.example", RESIDENTS, mail("To all.", to=", ".join(RESIDENTS)))[0] == 250
        assert [case["state"] for case in gateway.cases()] == ["held"]
    assert not list((tmp_path / "var").glob("*.before-*"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["backup", "absent.toml", "backup"], "absent.toml: cannot be read: No such file or directory"),
        (["backup", "mailguard.toml", "backup"], "the database of [store] url: unable to open database file"),
        (["backup", "mailguard.toml", "mailguard.toml/x"], "Not a directory"),
        (["restore", "absent.tar", "mailguard.toml"], "No such file or directory: 'absent.tar'"),
        (["restore", "mailguard.toml", "mailguard.toml"], "mailguard.toml is no backup of mailguard"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    configured(tmp_path)
    done = run(words[0], *map(Path, words[1:]))
    assert done.returncode == 1
    first, last = done.stderr.splitlines()
    assert said in first
    assert last == f"{words[0]}: not done"


def test_the_password_of_the_database_is_on_no_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every user of the machine reads command lines. What stands in for pg_dump writes down how it was called."""
    config = configured(tmp_path)
    config.write_text(config.read_text() + '[store]\nurl = "postgresql://guard:pa%40ss@db.example:5433/mail"\n')
    dump = tmp_path / "pg_dump"
    dump.write_text(f'#!/bin/sh\necho "$PGPASSWORD $*" > {tmp_path}/called\nexit 3\n')
    dump.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    done = run("backup", config, tmp_path / "backup")
    assert "pg_dump ended with 3" in done.stderr
    assert "pa%40ss" not in done.stderr
    password, *line = (tmp_path / "called").read_text().split()
    assert password == "pa@ss"
    assert line[-1] == "postgresql://guard@db.example:5433/mail"


def configured(folder: Path) -> Path:
    """A gateway's configuration, its store in `folder / "var"`; nothing runs."""
    (folder / "var").mkdir()
    return Running(folder, 1).config


def packed(folder: Path, *names: str) -> Path:
    """An archive of these empty files, and of the folder of held mail."""
    made = folder / "made.tar"
    with tarfile.open(made, "w") as archive:
        held = tarfile.TarInfo("held")
        held.type = tarfile.DIRTYPE
        archive.addfile(held)
        for name in names:
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    return made


@pytest.mark.parametrize("name", ["../mailguard.toml", "held/../../mailguard.toml", "/etc/motd", "other"])
def test_an_archive_of_another_kind_changes_nothing(tmp_path: Path, name: str) -> None:
    config = configured(tmp_path)
    before = config.read_bytes()
    done = run("restore", packed(tmp_path, "database.sqlite", name), config)
    assert done.returncode != 0
    assert "no backup of mailguard" in done.stderr
    assert config.read_bytes() == before
    assert not list((tmp_path / "var").iterdir())


@pytest.mark.parametrize("names", [(), ("database.pgdump",)])
def test_an_archive_of_another_store_replaces_nothing(tmp_path: Path, names: tuple[str, ...]) -> None:
    config = configured(tmp_path)
    (tmp_path / "var" / "held").mkdir()
    (tmp_path / "var" / "held" / "0001").write_bytes(b"held")
    (tmp_path / "var" / "mailguard.db").write_bytes(b"rows")
    before = sorted((tmp_path / "var").rglob("*"))
    done = run("restore", packed(tmp_path, *names), config)
    assert done.returncode != 0
    assert "nothing was changed" in done.stderr
    assert sorted((tmp_path / "var").rglob("*")) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_puts_back_belongs_to_whom_it_belonged(tmp_path: Path) -> None:
    """The folder around it may be root's own."""
    config = configured(tmp_path)
    (tmp_path / "var" / "held").mkdir()
    os.chown(tmp_path / "var" / "held", 12345, 12345)
    tool("restore", packed(tmp_path, "database.sqlite", "held/0001"), config)
    assert {path.stat().st_uid for path in (tmp_path / "var" / "held").rglob("*")} == {12345}
    assert (tmp_path / "var" / "held").stat().st_uid == 12345


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_puts_back_the_service_can_open(tmp_path: Path) -> None:
    config = configured(tmp_path)
    os.chown(tmp_path / "var", 12345, 12345)
    tool("restore", packed(tmp_path, "database.sqlite", "held/0001"), config)
    back = [*(tmp_path / "var").rglob("*")]
    assert len(back) == 3
    assert {path.stat().st_uid for path in back} == {12345}
    assert [oct(path.stat().st_mode)[-3:] for path in back if path.is_file() and path.parent.name == "var"] == ["600"]

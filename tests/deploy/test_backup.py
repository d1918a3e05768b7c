"""A backup made while the gateway runs gives every held mail back, byte for byte."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from tests.peers.postgres import Postgres
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


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_release_that_waited_is_not_sent_again_by_itself(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    """It may have gone after the backup was made: a person decides."""
    url = request.getfixturevalue("postgres").database() if kind == "postgres" else "sqlite:///var/mailguard.db"
    held = mail("The minutes go to all of you.", to=", ".join(RESIDENTS), subject="To all residents")
    with Sink() as hop, Running(tmp_path, hop.port, extra=f'[store]\nurl = "{url}"\n') as gateway:
        assert gateway.send("m.jones@council.example", RESIDENTS, held)[0] == 250
        wait_for(lambda: len(hop.received) == 1)  # the notice
        (case,) = gateway.cases()
        hop.data_reply = "451 4.3.0 Later"
        assert gateway.command("cases", "release", case["number"], "--reason", "approved").returncode == 0
        archive = Path(tool("backup", gateway.config, tmp_path / "backup"))
        hop.data_reply = "250 2.0.0 Taken"
        gateway.stop()
        tool("restore", archive, gateway.config)
        gateway.start()
        wait_for(lambda: gateway.cases()[0]["state"] == "delivery uncertain")
        assert not [item for item in hop.received if item.sender]
        done = gateway.command("cases", "release", case["number"], "--again", "--reason", "it had not gone")
        assert done.returncode == 0, done.stderr
        (sent,) = wait_for(lambda: [item for item in hop.received if item.sender])
    assert sent.body == held.partition(b"\r\n\r\n")[2]
    assert list((tmp_path / "var").glob("*.before-*[0-9Z]"))
    assert len(list((tmp_path / "var").glob("database.before-*.pgdump"))) == (kind == "postgres")


def test_nothing_is_put_back_under_a_gateway_of_another_machine(tmp_path: Path, postgres: Postgres) -> None:
    """It has no port here to be known by."""
    store = f'[store]\nurl = "{postgres.database()}"\n'
    here = tmp_path / "here"
    (here / "var").mkdir(parents=True)
    with Sink() as hop, Running(tmp_path, hop.port, extra=store) as there:
        archive = Path(tool("backup", there.config, tmp_path / "backup"))
        done = run("restore", archive, Running(here, hop.port, extra=store).config)
        assert done.returncode == 1
        assert "stop every gateway that shares it first; nothing was changed" in done.stderr
        assert there.send("m.jones@council.example", RESIDENTS, mail("To all.", to=", ".join(RESIDENTS)))[0] == 250


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
        (["restore", "absent.tar", "elsewhere.toml"], "elsewhere: make it, owned by the user that mailguard runs as"),
        (["restore", "mailguard.toml", "mailguard.toml"], "mailguard.toml is no backup of mailguard"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    text = configured(tmp_path).read_text()
    (tmp_path / "elsewhere.toml").write_text(f'{text}[store]\nheld = "elsewhere/held"\n')
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
    assert line[-1] == "--dbname=postgresql://guard@db.example:5433/mail"
    assert not list((tmp_path / "backup").iterdir())


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = configured(tmp_path)
    config.write_text(config.read_text() + '[store]\nurl = "postgresql://guard@db.example/mail"\n')
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "pg_dump is not installed: apt-get install postgresql-client" in run("backup", config, tmp_path).stderr


def test_what_goes_while_it_is_backed_up_is_left_out(tmp_path: Path) -> None:
    """A gateway that runs removes what it has sent."""
    config = configured(tmp_path)
    held = tmp_path / "var" / "held"
    held.mkdir()
    sqlite3.connect(tmp_path / "var" / "mailguard.db").close()
    for number in range(3000):
        (held / f"{number:04}").touch()
    environ = {**os.environ, "PYTHON": sys.executable}
    with subprocess.Popen(
        [BACKUP / "backup", config, tmp_path / "backup"], env=environ, stderr=subprocess.PIPE
    ) as done:
        wait_for(lambda: [path for path in tmp_path.glob("backup/*.part") if path.stat().st_size])
        for number in reversed(range(3000)):
            (held / f"{number:04}").unlink()
        _, said = done.communicate()
    assert (done.returncode, said) == (0, b"")


def test_a_full_disk_is_named_and_nothing_half_made_left(tmp_path: Path) -> None:
    config, full = configured(tmp_path), tmp_path / "backup"
    rows = sqlite3.connect(tmp_path / "var" / "mailguard.db")
    rows.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(200000))")
    rows.close()
    (tmp_path / "var" / "held").mkdir()
    full.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", full], check=False, capture_output=True
    ).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        done = run("backup", config, full)
        assert not list(full.iterdir())
    finally:
        subprocess.run(["umount", full], check=True)
    assert done.stderr == f"no room is left on the disk of {full}; free some, or use another folder\nbackup: not done\n"


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


def store_in(folder: Path) -> Path:
    """An archive of an empty store and one body."""
    rows = sqlite3.connect(folder / "rows")
    rows.execute("CREATE TABLE deliveries (kind, state, sending, due, created, lease_until)")
    rows.close()
    made = packed(folder, "held/0001")
    with tarfile.open(made, "a") as archive:
        archive.add(folder / "rows", "database.sqlite")
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
    tool("restore", store_in(tmp_path), config)
    assert {path.stat().st_uid for path in (tmp_path / "var" / "held").rglob("*")} == {12345}
    assert (tmp_path / "var" / "held").stat().st_uid == 12345


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_puts_back_the_service_can_open(tmp_path: Path) -> None:
    config = configured(tmp_path)
    os.chown(tmp_path / "var", 12345, 12345)
    tool("restore", store_in(tmp_path), config)
    back = [*(tmp_path / "var").rglob("*")]
    assert len(back) == 3
    assert {path.stat().st_uid for path in back} == {12345}
    assert [oct(path.stat().st_mode)[-3:] for path in back if path.is_file() and path.parent.name == "var"] == ["600"]

"""Backs a store up and puts it back. Law: the database is copied before the bodies, and nothing is overwritten.

A body is written before its row is committed, so a copy of the rows made first finds each body on disk. What is put
back belongs to whom that belongs which it replaces, or else its folder: restored by root, it is the service that must
open it. The database goes first, as that is what can fail; the bodies then only change their name.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from mailguard.config import Config
from mailguard.daemon.sockets import reserve
from mailguard.examine import load_config
from mailguard.mail.errors import ConfigError, MailguardError

SQLITE = "database.sqlite"
POSTGRES = "database.pgdump"
HELD = "held"


def backup(config: Config, folder: Path) -> Path:
    """The archive made. Raises OSError, sqlite3.Error, CalledProcessError."""
    table = config.settings.store
    now = datetime.now(UTC)
    made = folder / f"mailguard-{now:%Y%m%dT%H%M%SZ}.tar"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = made.with_suffix(".part")
    with tempfile.TemporaryDirectory(dir=folder) as work:
        part.touch(mode=0o600)
        with tarfile.open(part, "w") as archive:
            copied = _copy_database(table.url, Path(work))
            archive.add(copied, copied.name)
            archive.add(table.held, HELD)
    part.rename(made)
    return made


def _copy_database(url: str, work: Path) -> Path:
    if path := sqlite_file(url):
        target = work / SQLITE
        source, copy = sqlite3.connect(f"file:{path}?mode=ro", uri=True), sqlite3.connect(target)
        try:
            source.backup(copy)
        finally:
            source.close()
            copy.close()
        return target
    target = work / POSTGRES
    place, environ = libpq(url)
    subprocess.run(["pg_dump", "--format=custom", f"--file={target}", place], check=True, env=environ)
    return target


def restore(archive: Path, config: Config) -> None:
    """Put it in place. What is there is moved aside with the time in its name."""
    # A gateway that runs would go on holding mail in the store that is moved aside, where nobody would look for it.
    with reserve(config.settings.web.address, "the gateway is to be stopped first: web.address"):
        _restore(archive, config)


def _restore(archive: Path, config: Config) -> None:
    table = config.settings.store
    aside = f".before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    with tempfile.TemporaryDirectory(dir=table.held.parent) as work:
        _unpack(archive, work)
        path = sqlite_file(table.url)
        database, held = Path(work) / (SQLITE if path else POSTGRES), Path(work) / HELD
        if not (database.is_file() and held.is_dir()):
            raise SystemExit(f"{archive} holds no {HELD} or no {database.name}; nothing was changed")
        _hand_over(held, table.held)
        if path:
            ready = path.with_name(f"{path.name}.part")
            shutil.move(database, ready)  # it may be another file system, and that one full
            ready.chmod(0o600)
            _hand_over(ready, path)
            for end in ("", "-wal", "-shm"):
                old = path.with_name(path.name + end)
                if old.exists():
                    old.rename(old.with_name(path.name + aside + end))
            ready.rename(path)
        else:
            clean = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction"]
            place, environ = libpq(table.url)
            subprocess.run([*clean, f"--dbname={place}", str(database)], check=True, env=environ)
        if table.held.exists():
            table.held.rename(table.held.with_name(table.held.name + aside))
        held.rename(table.held)
        table.held.chmod(0o700)


def _unpack(archive: Path, work: str) -> None:
    """Refuse what `backup` puts into no archive: links, devices, other names."""
    # Not by tarfile's own filters: they begin with 3.11.4, and Debian 12 has 3.11.2.
    with tarfile.open(archive) as opened:
        for member in opened.getmembers():
            first, *rest = PurePosixPath(member.name).parts or ("",)
            if first not in {SQLITE, POSTGRES, HELD} or ".." in rest or not (member.isfile() or member.isdir()):
                raise SystemExit(f"{archive} is no backup of mailguard: it holds {member.name!r}; nothing was changed")
        opened.extractall(work)  # noqa: S202


def _hand_over(place: Path, to: Path) -> None:
    """Give `place` and all in it to the owner of what it will replace."""
    if os.geteuid() == 0:
        owner = (to if to.exists() else to.parent).stat()
        for each in (place, *place.rglob("*")):
            os.chown(each, owner.st_uid, owner.st_gid)


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite store; None for PostgreSQL."""
    scheme, _, path = url.partition(":///")
    return Path(path) if scheme.startswith("sqlite") else None


def libpq(url: str) -> tuple[str, dict[str, str]]:
    """The URL as PostgreSQL's own programs take it, and their environment: a command line hides no password."""
    parts = urlsplit("postgresql://" + url.partition("://")[2])
    login, at, host = parts.netloc.rpartition("@")
    user, _, secret = login.partition(":")
    given = {"PGPASSWORD": unquote(secret)} if secret else {}
    return parts._replace(netloc=f"{user}{at}{host}").geturl(), {**os.environ, **given}


def main(arguments: list[str]) -> int:
    """`backup CONFIG FOLDER` or `restore ARCHIVE CONFIG`."""
    try:
        return _run(arguments)
    except ConfigError as error:
        what = "\n".join(error.faults)
    except subprocess.CalledProcessError as error:
        what = f"{error.cmd[0]} ended with {error.returncode}, and says above why"
    except sqlite3.Error as error:
        what = f"the database of [store] url: {error}"
    except tarfile.TarError:
        what = f"{arguments[1]} is no backup of mailguard"
    except (MailguardError, OSError) as error:
        what = str(error)
    print(f"{what}\n{arguments[0]}: not done", file=sys.stderr)
    return 1


def _run(arguments: list[str]) -> int:
    match arguments:
        case ["backup", config, folder]:
            print(backup(load_config(Path(config)), Path(folder)))
        case ["restore", archive, config]:
            restore(Path(archive), load_config(Path(config)))
        case _:
            print(main.__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

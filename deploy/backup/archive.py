"""Backs a store up and puts it back. Law: the database is copied before the bodies, and nothing is lost by it.

A body is written before its row is committed, so a copy of the rows made first finds each body on disk. What is put
back belongs to whom that belongs which it replaces, or else its folder: restored by root, it is the service that must
open it. The database goes first, as that is what can fail; the bodies then only change their name. A release that
waited when the backup was made may have been sent since: it is not sent again until a person says so.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
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

# As a gateway leaves it that died after the dot: the courier then calls the case `delivery uncertain`.
DOUBT = """UPDATE deliveries SET sending = TRUE, due = created, lease_until = created
    WHERE kind = 'release' AND state = 'ready'"""
OTHERS = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'mailguard'"""
MEND = {
    "pg_dump": "[store] url must be right, and pg_dump as new as its server",
    "psql": "[store] url must be right, and its server up",
    "pg_restore": "it must be as new as the backup's pg_dump, and the database empty or this mailguard's",
}


def backup(config: Config, folder: Path) -> Path:
    """The archive made; what is half made goes. Raises OSError, sqlite3.Error, MailguardError, CalledProcessError."""
    table = config.settings.store
    now = datetime.now(UTC)
    made = folder / f"mailguard-{now:%Y%m%dT%H%M%SZ}.tar"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = made.with_suffix(".part")
    try:
        with _room(folder), tempfile.TemporaryDirectory(dir=folder) as work:
            part.touch(mode=0o600)
            with tarfile.open(part, "w") as archive:
                copied = _copy_database(table.url, Path(work))
                archive.add(copied, copied.name)
                _add_held(archive, table.held)
        part.rename(made)
    finally:
        part.unlink(missing_ok=True)
    return made


def _add_held(archive: tarfile.TarFile, held: Path) -> None:
    archive.add(held, HELD, recursive=False)
    for name in sorted(os.listdir(held)):
        # The gateway runs: what is sent meanwhile goes, and a draft gets its name.
        with contextlib.suppress(FileNotFoundError):
            archive.add(held / name, f"{HELD}/{name}")


@contextlib.contextmanager
def _room(folder: Path) -> Iterator[None]:
    """Say of a full disk which one it is."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        if getattr(error, "errno", 0) == errno.ENOSPC or getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
            raise MailguardError(f"no room is left on the disk of {folder}; free some, or use another folder") from None
        raise


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
    return _dump(url, work / POSTGRES)


def _dump(url: str, target: Path) -> Path:
    _postgres(url, "pg_dump", "--format=custom", f"--file={target}")
    return target


def _postgres(url: str, program: str, *words: str) -> str:
    """What one of PostgreSQL's own programs prints; its errors go to ours."""
    place, environ = libpq(url)
    line = [program, *words, f"--dbname={place}"]
    try:
        return subprocess.run(line, check=True, env=environ, stdout=subprocess.PIPE, text=True).stdout
    except FileNotFoundError:
        raise MailguardError(f"{program} is not installed: apt-get install postgresql-client") from None


def restore(archive: Path, config: Config) -> None:
    """Put it in place. What is there is moved aside with the time in its name."""
    # A gateway that runs would go on holding mail in the store that is moved aside, where nobody would look for it.
    with reserve(config.settings.web.address, "the gateway is to be stopped first: web.address"):
        _restore(archive, config)


def _restore(archive: Path, config: Config) -> None:
    table = config.settings.store
    aside = f".before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    if not table.held.parent.is_dir():
        raise MailguardError(
            f"there is no folder {table.held.parent}: make it, owned by the user that mailguard runs as"
        )
    with _room(table.held.parent), tempfile.TemporaryDirectory(dir=table.held.parent) as work:
        _unpack(archive, work)
        path = sqlite_file(table.url)
        database, held = Path(work) / (SQLITE if path else POSTGRES), Path(work) / HELD
        if not (database.is_file() and held.is_dir()):
            raise SystemExit(f"{archive} holds no {HELD} or no {database.name}; nothing was changed")
        _hand_over(held, table.held)
        if path:
            _put_file(database, path, aside)
        else:
            _put_rows(database, table.url, table.held.with_name(f"database{aside}.pgdump"))
        if table.held.exists():
            table.held.rename(table.held.with_name(table.held.name + aside))
        held.rename(table.held)
        table.held.chmod(0o700)


def _put_file(database: Path, path: Path, aside: str) -> None:
    ready = path.with_name(f"{path.name}.part")
    shutil.move(database, ready)  # it may be another file system, and that one full
    ready.chmod(0o600)
    with contextlib.closing(sqlite3.connect(ready)) as rows, rows:
        rows.execute(DOUBT)
    _hand_over(ready, path)
    for end in ("", "-wal", "-shm"):
        old = path.with_name(path.name + end)
        if old.exists():
            old.rename(old.with_name(path.name + aside + end))
    ready.rename(path)


def _put_rows(database: Path, url: str, aside: Path) -> None:
    # The gateways of other machines have no port here to be known by.
    if others := int(_postgres(url, "psql", "-XAtqc", OTHERS)):
        raise MailguardError(
            f"mailguard has {others} connections to the database of [store] url: stop every gateway that shares it "
            "first; nothing was changed"
        )
    aside.touch(mode=0o600)
    _dump(url, aside)
    _postgres(url, "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(database))
    _postgres(url, "psql", "-Xqc", DOUBT)


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
        what = f"{error.cmd[0]} ended with {error.returncode}, and says above why; {MEND[error.cmd[0]]}"
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

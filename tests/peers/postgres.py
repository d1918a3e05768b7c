"""A real PostgreSQL of our own: Debian's binaries, a temporary folder, a Unix socket and a loopback port."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

USER = "postgres"
START = 60


def binaries() -> Path | None:
    """The newest server's programs, None where none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def missing() -> str:
    """Why no server can be started here, "" where one can."""
    if binaries() is None:
        return "PostgreSQL is not installed (apt-get install postgresql)"
    if os.geteuid() == 0:
        if shutil.which("runuser") is None:
            return "runuser is missing (apt-get install util-linux)"
        try:
            pwd.getpwnam(USER)
        except KeyError:
            return f"there is no user {USER}"
    return ""


@dataclass
class Postgres:
    """A running server. `stop` and `start` let a test take it away for a while."""

    folder: Path
    port: int

    @classmethod
    def create(cls) -> Postgres:
        """Make a cluster and start it. The caller ends it with `remove`."""
        folder = Path(tempfile.mkdtemp(prefix="mailguard-pg-"))
        server = cls(folder, _free_port())
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
        try:
            server._run(
                "initdb",
                "-D",
                str(server.data),
                "-U",
                "mailguard",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                "--locale=C",
            )
            server.start()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return server

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str) -> str:
        """As an operator writes it in `store.url`."""
        return f"postgresql://mailguard@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """The URL of a new, empty database."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self.sql("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def sql(self, database: str, statement: str) -> str:
        """Run one statement; gives its output, unaligned."""
        words = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "mailguard", "-d", database, "-XAtqc", statement)
        return self._run("psql", *words)

    def start(self) -> None:
        settings = "-c listen_addresses=127.0.0.1 -c shared_buffers=16MB -c max_connections=60"
        options = f"-p {self.port} -k {self.folder} {settings}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.data), "-l", log, "-w", "-t", str(START), "-o", options, "start")

    @property
    def pid(self) -> int:
        """The server's first process. Raises OSError while it is down."""
        return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def remove(self) -> None:
        """Stop it and remove its folder."""
        subprocess.run(
            self._words("pg_ctl", "-D", str(self.data), "-m", "immediate", "stop"), capture_output=True, check=False
        )
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: str) -> str:
        # To a file: a server that pg_ctl starts keeps a pipe open, and whoever reads it would wait for ever.
        with tempfile.TemporaryFile() as out:
            done = subprocess.run(
                self._words(program, *words), stdout=out, stderr=subprocess.STDOUT, cwd="/", check=False
            )
            out.seek(0)
            text = out.read().decode()
        if done.returncode:
            raise RuntimeError(f"{program}: {text}")
        return text.strip()

    def _words(self, program: str, *words: str) -> list[str]:
        folder = binaries()
        assert folder is not None, "ask `missing` first"
        own = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
        return [*own, str(folder / program), *words]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""The subjects of the benchmark: mailguard as its user runs it, and its peers, each on a port with the sink behind it.

A subject starts its processes and says which belong to it: CPU and memory are summed over the whole tree.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wire import TICK, free_port, wait_for

PATIENCE = 12
"""Tens of seconds a subject may take to start: rspamd compiles long lists first."""

CONFIG = """\
preset = "lancashire"
mode = "{mode}"
[council]
domains = ["council.example"]
[listen]
address = "127.0.0.1:{port}"
workers = {workers}
[next_hop]
address = "127.0.0.1:{sink}"
[routes.secure]
address = "127.0.0.1:{sink}"
tls = "off"
[members]
scope = "domain"
[web]
address = "127.0.0.1:{web}"
[logging]
level = "info"
"""
HAPROXY = """\
global
    nbthread 1
defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
listen mail
    bind 127.0.0.1:{port}
    server sink 127.0.0.1:{sink}
"""


class Subject:
    """A running subject. `root` is the process its tree hangs on."""

    def __init__(self, name: str, port: int, root: int) -> None:
        self.name, self.port, self.root = name, port, root

    def tree(self) -> list[int]:
        """All its processes now."""
        found, left = [], [self.root]
        while left:
            pid = left.pop()
            found.append(pid)
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                left += map(int, children.read_text().split())
        return found

    def cpu(self) -> float:
        """Seconds of CPU used by all, with those of their children that have ended."""
        return sum(_ticks(pid) for pid in self.tree()) / TICK

    def memory(self) -> float:
        """Proportional set size of all, in MB."""
        return sum(_pss(pid) for pid in self.tree()) / 1000


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15]))


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


@contextmanager
def started(command: list[str], port: int, name: str, log: Path) -> Iterator[Subject]:
    """Start one program and wait until it listens."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            for patience in range(PATIENCE):
                try:
                    wait_for(port)
                    break
                except SystemExit:
                    if patience == PATIENCE - 1:
                        raise
            yield Subject(name, port, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


@contextmanager
def mailguard(sink: int, folder: Path, workers: int = 1, more: str = "", mode: str = "enforce") -> Iterator[Subject]:
    """The whole gateway: full preset, journal and log on; `more` is TOML put behind its configuration."""
    port, place = free_port(), folder / f"mailguard{workers}"
    place.mkdir()
    config = place / "mailguard.toml"
    config.write_text(CONFIG.format(port=port, sink=sink, web=free_port(), workers=workers, mode=mode) + more)
    command = [sys.executable, "-m", "mailguard", "run", "--config", str(config)]
    name = "mailguard" if workers == 1 else f"mailguard, {workers} workers"
    with started(command, port, name, place / "log") as subject:
        yield subject


@contextmanager
def haproxy(sink: int, folder: Path) -> Iterator[Subject]:
    """TCP pass-through: knows no SMTP."""
    port, config = free_port(), folder / "haproxy.cfg"
    config.write_text(HAPROXY.format(port=port, sink=sink))
    with started(["haproxy", "-f", str(config), "-db"], port, "HAProxy", folder / "haproxy.log") as subject:
        yield subject


@contextmanager
def proxy(sink: int, folder: Path) -> Iterator[Subject]:
    """aiosmtpd's own Proxy handler: inspects nothing."""
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("wire.py")), "--be", "proxy", str(port), str(sink)]
    with started(command, port, "aiosmtpd Proxy", folder / "proxy.log") as subject:
        yield subject


@contextmanager
def postfix(sink: int, _: Path, milter: int = 0) -> Iterator[Subject]:
    """Postfix as a relay with queue and fsync; with `milter`, rspamd's port, each mail goes by it."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.peers.postfix import Postfix

    more = {"smtpd_milters": f"inet:127.0.0.1:{milter}", "milter_default_action": "tempfail"} if milter else {}
    with Postfix(relay_to=sink, **more) as relay:
        root = int((relay.folder / "queue" / "pid" / "master.pid").read_text())
        yield Subject("Postfix + rspamd" if milter else "Postfix relay", relay.port, root)


@contextmanager
def rspamd(sink: int, folder: Path) -> Iterator[Subject]:
    """Postfix with rspamd as its milter and only two content maps: the nearest peer that looks into mail."""
    place = Path(tempfile.mkdtemp(prefix="mailguard-rspamd-"))
    shutil.chown(place, "_rspamd")
    milter = free_port()
    config = place / "rspamd.conf"
    maps = {
        "parties": "labour\nconservative\nliberal democrat\ngreen party\n",
        "appeals": "vote for\njoin us\ndonate\n",
    }
    for name, lines in maps.items():
        (place / f"{name}.map").write_text("".join(f"/\\b{line}\\b/i\n" for line in lines.splitlines()))
    rules = "".join(
        f'{name} {{ type = "content"; filter = "text"; map = "{place}/{name}.map"; regexp = true; '
        f'symbol = "{name.upper()}"; }}\n'
        for name in maps
    )
    (place / "tld").write_text("com\norg\nuk\n")
    config.write_text(
        f'options {{ pidfile = "{place}/pid"; filters = ""; tempdir = "{place}"; url_tld = "{place}/tld"; '
        'dns { nameserver = ["127.0.0.1:1"]; } }\n'
        f'logging {{ type = "file"; filename = "{place}/log"; level = "error"; }}\nactions {{ reject = 1000; }}\n'
        f'lua = "/usr/share/rspamd/rules/rspamd.lua";\nmultimap {{ {rules} }}\n'
        f'worker "normal" {{ bind_socket = "127.0.0.1:{free_port()}"; count = 1; }}\n'
        f'worker "rspamd_proxy" {{ bind_socket = "127.0.0.1:{milter}"; milter = yes; count = 1; '
        'upstream "local" { default = yes; self_scan = yes; } }\n'
        'modules { path = "/usr/share/rspamd/plugins/multimap.lua"; }\n'
    )
    command = ["rspamd", "-f", "-u", "_rspamd", "-g", "_rspamd", "-c", str(config)]
    try:
        with started(command, milter, "rspamd", place / "out") as scanner, postfix(sink, folder, milter) as relay:
            both = Subject(relay.name, relay.port, relay.root)
            both.tree = lambda: [*relay.tree(), *scanner.tree()]  # type: ignore[method-assign]
            yield both
    finally:
        shutil.rmtree(place, ignore_errors=True)


def missing(name: str) -> str:
    """Why a subject cannot run here; "" where it can."""
    program = {"haproxy": "haproxy", "postfix": "postfix", "rspamd": "rspamd"}.get(name)
    if program and not shutil.which(program):
        return f"{program} is not installed (apt-get install {program})"
    if name in {"postfix", "rspamd"} and os.geteuid():
        return "its own instance needs root"
    return ""

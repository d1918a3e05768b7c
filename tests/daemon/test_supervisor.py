"""Real processes: start, restart, reload, drain, and what happens when either side dies."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

STUB = Path(__file__).with_name("stub.py")
FILE = """
preset = "stub"
[council]
domains = ["council.example"]
[listen]
address = "127.0.0.1:0"
workers = {workers}
[next_hop]
address = "127.0.0.1:1"
[web]
address = "127.0.0.1:0"
[stub]
{stub}
"""


class Daemon:
    """A started stub daemon; its log is read from standard error."""

    def __init__(self, folder: Path, workers: int = 1, stub: str = "") -> None:
        self.file = folder / "stub.toml"
        self.workers = workers
        self.write(stub)
        self.process = subprocess.Popen([sys.executable, STUB, "daemon", self.file], stderr=subprocess.PIPE)
        assert self.process.stderr
        self.seen: list[dict[str, Any]] = []
        self.plain: list[str] = []

    def write(self, stub: str) -> None:
        self.file.write_text(FILE.format(workers=self.workers, stub=stub))

    def until(self, event: str) -> dict[str, Any]:
        """Read the log up to an event."""
        assert self.process.stderr
        for line in self.process.stderr:
            with contextlib.suppress(json.JSONDecodeError):
                record: dict[str, Any] = json.loads(line)
                self.seen.append(record)
                if record["event"] == event:
                    return record
                continue
            self.plain.append(line.decode().strip())
        raise AssertionError(f"ended without {event}: {self.seen} {self.plain}")

    def up(self) -> Daemon:
        ready = self.until("ready")
        self.mail, self.web = ready["listen_port"], ready["web_port"]
        return self

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def figure(self, name: str) -> float:
        text = self.get("/metrics")[1]
        match = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        assert match, f"no {name} in the figures"
        return float(match[1])

    def talk(self) -> Session:
        return Session(self.mail)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


class Session:
    """A client of the stub engine."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), 10)
        self.lines = self.sock.makefile("rb")
        _, self.version, self.pid = self.lines.readline().decode().split()

    def say(self, line: str) -> str:
        self.sock.sendall(f"{line}\r\n".encode())
        return self.lines.readline().decode().strip()

    def close(self) -> None:
        self.lines.close()
        self.sock.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Daemon]]:
    started: list[Daemon] = []

    def begin(**options: Any) -> Daemon:
        started.append(Daemon(tmp_path, **options))
        return started[-1]

    yield begin
    for daemon in started:
        if daemon.process.poll() is None:
            daemon.process.kill()
        daemon.process.wait()
        assert daemon.process.stderr
        daemon.process.stderr.close()


def eventually(what: Callable[[], bool]) -> None:
    """Wait for something that other processes bring about."""
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_serves_mail_figures_and_health(start: Callable[..., Daemon]) -> None:
    daemon = start(workers=2).up()
    session = daemon.talk()
    assert session.say("count") == "250 ok"
    session.close()
    assert daemon.figure('mailguard_messages_total{action="pass"}') == 1
    assert daemon.figure("mailguard_workers") == 2
    assert daemon.figure('mailguard_config_info{policy="stub",version="1"}') == 1
    assert daemon.get("/healthz") == (200, "ok\n")
    status, text = daemon.get("/readyz")
    assert (status, json.loads(text)) == (200, {"ready": True, "parts": {"store": "ok", "workers": "ok"}})
    assert [daemon.get(path)[0] for path in ("/", "/api/v1", "/metrics/x", "/../etc/passwd")] == [404] * 4
    eventually(lambda: daemon.figure("mailguard_held_messages") == 3)
    assert daemon.stop() == 0


def test_is_not_ready_while_a_part_is_unreachable(start: Callable[..., Daemon]) -> None:
    daemon = start(stub="store = false").up()
    status, text = daemon.get("/readyz")
    assert (status, json.loads(text)["parts"]["store"]) == (503, "unreachable")
    assert daemon.get("/healthz")[0] == 200


def test_a_killed_worker_comes_back_and_no_counter_falls(start: Callable[..., Daemon]) -> None:
    daemon = start().up()
    session = daemon.talk()
    session.say("count")
    assert daemon.figure('mailguard_messages_total{action="pass"}') == 1
    os.kill(int(session.pid), signal.SIGKILL)
    assert session.lines.readline() == b""
    session.close()
    daemon.until("worker_died")
    eventually(lambda: daemon.figure("mailguard_workers") == 1)
    again = daemon.talk()
    assert again.pid != session.pid
    again.say("count")
    again.close()
    assert daemon.figure('mailguard_messages_total{action="pass"}') == 2
    assert daemon.figure("mailguard_worker_restarts_total") == 1


def test_a_broken_file_changes_nothing(start: Callable[..., Daemon]) -> None:
    daemon = start().up()
    daemon.write('faults = ["stub.toml:3: no such key"]')
    daemon.process.send_signal(signal.SIGHUP)
    assert daemon.until("config_refused")["faults"] == ["stub.toml:3: no such key"]
    assert daemon.figure('mailguard_config_reloads_total{result="refused"}') == 1
    session = daemon.talk()
    assert session.version == "1"
    os.kill(int(session.pid), signal.SIGKILL)
    session.close()
    daemon.until("worker_died")
    eventually(lambda: daemon.figure("mailguard_workers") == 1)
    restarted = daemon.talk()
    assert restarted.version == "1"
    restarted.close()


def test_what_nobody_foresaw_in_a_file_is_not_the_last_reload(start: Callable[..., Daemon]) -> None:
    daemon = start().up()
    daemon.write("this is no TOML, and the stub's own reader does not expect it")
    daemon.process.send_signal(signal.SIGHUP)
    (fault,) = daemon.until("config_refused")["faults"]
    assert re.fullmatch(r".*stub\.toml: cannot be taken: TOMLDecodeError at \S+", fault)
    daemon.write('policy = "2"')
    daemon.process.send_signal(signal.SIGHUP)
    assert daemon.until("config_active")["version"] == "2"


def test_a_good_file_reaches_every_worker(start: Callable[..., Daemon]) -> None:
    daemon = start(workers=2).up()
    daemon.write('policy = "2"')
    daemon.process.send_signal(signal.SIGHUP)
    assert daemon.until("config_active")["version"] == "2"
    assert daemon.figure('mailguard_config_reloads_total{result="accepted"}') == 1
    assert daemon.figure('mailguard_config_info{policy="stub",version="2"}') == 1
    sessions = [daemon.talk() for _ in range(8)]
    assert {session.version for session in sessions} == {"2"}
    for session in sessions:
        session.close()


def test_what_a_worker_refuses_is_reported(start: Callable[..., Daemon]) -> None:
    daemon = start().up()
    daemon.write("refuse = true")
    daemon.process.send_signal(signal.SIGHUP)
    assert daemon.until("config_refused")["faults"] == ["stub.toml:1: the engine will not change"]


def test_what_one_worker_refuses_takes_effect_nowhere(start: Callable[..., Daemon], tmp_path: Path) -> None:
    daemon = start(workers=2).up()
    daemon.write(f'policy = "2"\nstore = false\none_refuses = "{tmp_path / "mark"}"')
    daemon.process.send_signal(signal.SIGHUP)
    assert daemon.until("config_refused")["faults"] == ["stub.toml:1: one engine will not change"]
    sessions = [daemon.talk() for _ in range(8)]
    assert {session.version for session in sessions} == {"1"}
    for session in sessions:
        session.close()
    assert daemon.get("/readyz")[0] == 200


def test_a_file_that_breaks_the_loader_does_not_end_reloading(start: Callable[..., Daemon]) -> None:
    daemon = start().up()
    for stub in ("raises = true", 'policy = "2"'):
        daemon.write(stub)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.until("config_refused" if "raises" in stub else "config_active")


def test_a_port_does_not_move_by_a_reload(start: Callable[..., Daemon]) -> None:
    daemon = start().up()
    text = daemon.file.read_text().replace("127.0.0.1:0", "127.0.0.1:4")
    daemon.file.write_text(text + '[readers]\nworkers = 2\nmemory = "2GB"\n[logging]\nlevel = "error"\n')
    daemon.process.send_signal(signal.SIGHUP)
    faults = daemon.until("config_refused")["faults"]
    named = [fault.split(": ")[1].split()[0] for fault in faults]
    assert named == ["listen.address", "web.address", "readers.workers", "readers.memory", "logging.level"]


def test_a_drain_finishes_what_is_under_way(start: Callable[..., Daemon]) -> None:
    daemon = start().up()
    session = daemon.talk()
    assert session.say("slow") == "150 wait"
    daemon.process.send_signal(signal.SIGTERM)
    daemon.until("draining")
    assert session.lines.readline() == b"250 ok\r\n"
    session.close()
    daemon.until("ended")
    assert "worker_died" not in [record["event"] for record in daemon.seen]
    assert daemon.process.wait(40) == 0
    with pytest.raises(ConnectionRefusedError):
        daemon.talk()


def test_workers_end_with_their_supervisor(start: Callable[..., Daemon]) -> None:
    daemon = start(workers=2).up()
    sessions = [daemon.talk() for _ in range(8)]
    pids = {int(session.pid) for session in sessions}
    for session in sessions:
        session.close()
    daemon.process.kill()
    daemon.process.wait()
    eventually(lambda: all(gone(pid) for pid in pids))


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        file = tmp_path / "taken.toml"
        file.write_text(FILE.format(workers=1, stub="").replace("127.0.0.1:0", f"127.0.0.1:{port}", 1))
        done = subprocess.run([sys.executable, STUB, "daemon", file], capture_output=True, check=False)
    assert done.returncode == 1
    assert f"listen.address = 127.0.0.1:{port}: another program has this port" in done.stderr.decode()


def test_a_second_gateway_of_the_same_user_does_not_share_the_port(start: Callable[..., Daemon]) -> None:
    daemon = start().up()
    text = daemon.file.read_text().replace("127.0.0.1:0", f"127.0.0.1:{daemon.mail}", 1)
    daemon.file.write_text(text)
    done = subprocess.run([sys.executable, STUB, "daemon", daemon.file], capture_output=True, check=False)
    assert done.returncode == 1
    assert "another program has this port" in done.stderr.decode()


@pytest.mark.parametrize(
    ("stub", "said"),
    [
        ('faults = ["a.toml:1: one", "a.toml:2: two"]', ["a.toml:1: one", "a.toml:2: two"]),
        ("refuse = true", ["stub.toml:1: the engine will not start"]),
    ],
)
def test_nothing_starts_half(start: Callable[..., Daemon], stub: str, said: list[str]) -> None:
    daemon = start(stub=stub)
    with pytest.raises(AssertionError, match="ended without"):
        daemon.until("ready")
    assert daemon.process.wait(20) == 1
    assert daemon.plain == said

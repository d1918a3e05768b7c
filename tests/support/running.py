"""The gateway as its user runs it: `mailguard run` in a process of its own, on free loopback ports."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
MEMBERS = """\
address,aliases,name,ward,party,group,posts,private_addresses,delegates,outside_bodies
m.jones@council.example,,Mary Jones,Harbour,Blue Party,Blue Group,,mary.jones@homemail.example,pa@council.example,
a.khan@council.example,,Amir Khan,Mill,Blue Party,Blue Group,,,,
b.ellis@council.example,,Bea Ellis,Park,Red Party,Red Group,,,,
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(probe: Callable[[], T], seconds: float = 20.0) -> T:
    """The first true answer of `probe`; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        if found := probe():
            return found
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def children(*parents: int, name: str) -> list[int]:
    """Processes called `name` right under any of `parents`."""
    found = []
    for parent in parents:
        listed = subprocess.run(["pgrep", "-P", str(parent), "-x", name], check=False, capture_output=True, text=True)
        found += [int(pid) for pid in listed.stdout.split()]
    return found


class Running:
    """One gateway. `extra` is TOML put behind the least form of the operator's file."""

    def __init__(
        self, folder: Path, next_hop: int, secure: int | None = None, *, preset: str = "lancashire", extra: str = ""
    ) -> None:
        self.folder, self.port, self.web = folder, free_port(), free_port()
        self.config = folder / "mailguard.toml"
        (folder / "members.csv").write_text(MEMBERS)
        route = f'[routes.secure]\naddress = "127.0.0.1:{secure}"\ntls = "off"\nsubject_prefix = "[secure] "\n'
        self.config.write_text(
            f'preset = "{preset}"\n[council]\ndomains = ["council.example"]\nsecure_domains = ["nhs.example"]\n'
            f'[listen]\naddress = "127.0.0.1:{self.port}"\n[next_hop]\naddress = "127.0.0.1:{next_hop}"\n'
            f'[web]\naddress = "127.0.0.1:{self.web}"\n{route if secure else ""}{extra}'
        )

    def __enter__(self) -> Running:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self.log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mailguard", "run", "--config", str(self.config)],
            stdout=self.log,
            stderr=self.log,
            cwd=self.folder,
        )
        wait_for(self._greets, 30)

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(40)
        finally:
            self.log.close()

    def kill(self) -> None:
        """The supervisor and its workers, at once."""
        for worker in self.workers():
            os.kill(worker, signal.SIGKILL)
        self.process.kill()
        self.process.wait(10)
        self.log.close()

    def workers(self) -> list[int]:
        """The mail workers hang under the nursery, which hangs under the supervisor."""
        return children(*children(self.process.pid, name="mail-nursery"), name="mail-worker")

    def _greets(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as link:
                link.settimeout(5)
                return link.recv(4) == b"220 "
        except OSError:
            return False

    # What a client does...

    def send(self, sender: str, recipients: list[str], data: bytes, mail: tuple[str, ...] = ()) -> tuple[int, bytes]:
        """One mail; the reply to its dot, or the first refusal."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as client:
            client.ehlo("client.example")
            code, text = client.mail(sender, mail)
            if code != 250:
                return code, text
            for recipient in recipients:
                code, text = client.rcpt(recipient)
                if code != 250:
                    return code, text
            return client.data(data)

    # What an operator does...

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "mailguard", *words, "--config", str(self.config)]
        return subprocess.run(line, check=False, capture_output=True, text=True, cwd=self.folder, timeout=60)

    def cases(self) -> list[dict[str, Any]]:
        listed = self.command("cases", "list", "--json")
        assert listed.returncode == 0, listed.stderr
        return [json.loads(line) for line in listed.stdout.splitlines()]

    def metrics(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web}/metrics", timeout=10) as answer:
            return str(answer.read().decode())


def mail(
    body: str,
    *,
    sender: str = "m.jones@council.example",
    to: str = "resident@homemail.example",
    subject: str = "Your enquiry",
    extra: str = "",
) -> bytes:
    """A plain mail in CRLF form."""
    text = f"From: Mary Jones <{sender}>\nTo: {to}\nSubject: {subject}\nMessage-ID: <{time.time_ns()}@client.example>\n"
    text += f"{extra}Date: Fri, 01 May 2026 12:00:00 +0100\nMIME-Version: 1.0\n"
    text += f"Content-Type: text/plain; charset=utf-8\n\n{body}\n"
    return text.replace("\n", "\r\n").encode()

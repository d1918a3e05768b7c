"""Real Postfix instances from Debian's package: each with its own configuration, queue, log and port, under /tmp.

Law: nothing of the system's Postfix is touched. An instance takes mail on its port and passes all of it on to
`relay_to`; `behind` is what a council's mail server does (XFORWARD, DSN, STARTTLS if told), `front` what a member's
server does. `log` is its mail log.

    with Postfix(relay_to=sink_port) as behind, Postfix(relay_to=gate_port) as front: ...
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import pytest

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

MAIN = {
    "compatibility_level": "3.6",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
    "mydestination": "",
    "mynetworks": "127.0.0.0/8",
    "smtpd_relay_restrictions": "permit_mynetworks, reject",
    "smtpd_authorized_xforward_hosts": "127.0.0.0/8",
    "smtpd_peername_lookup": "no",
    "smtpd_client_connection_count_limit": "0",
    "alias_maps": "",
    "local_recipient_maps": "",
    "disable_dns_lookups": "yes",
    "smtp_host_lookup": "native",
    "smtp_line_length_limit": "0",
    "message_size_limit": "60000000",
    "mailbox_size_limit": "0",
    "biff": "no",
    "notify_classes": "",
    "minimal_backoff_time": "2s",
    "maximal_backoff_time": "4s",
    "queue_run_delay": "2s",
}


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def missing() -> str:
    """Why Postfix cannot run here; "" where it can."""
    if shutil.which("postfix") is None:
        return "Postfix is not installed (apt-get install postfix)"
    return "" if os.geteuid() == 0 else "Postfix instances of one's own need root"


def require() -> None:
    """Skip the test, with the reason, where Postfix cannot run."""
    if reason := missing():
        pytest.skip(reason)


class Postfix:
    """One instance; `port` is chosen at once, so that a peer can be told before it runs.

    `services` are more lines of master.cf, `main` more of main.cf.
    """

    def __init__(self, relay_to: int, hostname: str = "postfix.example", services: str = "", **main: str) -> None:
        self.port = free_port()
        # Not pytest's tmp_path: Postfix's own user has to be able to reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="mailguard-postfix-"))
        self.folder.chmod(0o755)
        self.config = self.folder / "etc"
        self._services = services
        self._settings = {
            **MAIN,
            "myhostname": hostname,
            "relayhost": f"[127.0.0.1]:{relay_to}",
            "queue_directory": str(self.folder / "queue"),
            "data_directory": str(self.folder / "data"),
            "maillog_file": str(self.folder / "mail.log"),
            "maillog_file_prefixes": str(self.folder),
            **main,
        }

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """All it has logged."""
        path = self.folder / "mail.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Returns when the port greets."""
        for name in ("etc", "queue", "data"):
            (self.folder / name).mkdir(exist_ok=True)
        shutil.chown(self.folder / "data", "postfix")
        (self.config / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in self._settings.items()))
        (self.config / "master.cf").write_text(MASTER.format(port=self.port) + self._services)
        for table in ("dynamicmaps.cf", "postfix-files"):
            if Path("/etc/postfix", table).exists():
                shutil.copy(Path("/etc/postfix", table), self.config)
        self._postfix("start")
        for _ in range(200):
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as probe:
                    if probe.recv(4) == b"220 ":
                        return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"Postfix does not greet:\n{self.log}")

    def stop(self) -> None:
        """Stops it, and removes its folder."""
        self._postfix("stop", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def flush(self) -> None:
        """Try everything in the queue now."""
        self._postfix("flush")

    def queued(self) -> int:
        """Mails it has not got rid of."""
        places = ("incoming", "active", "deferred", "maildrop")
        return sum(1 for place in places for file in (self.folder / "queue" / place).rglob("*") if file.is_file())

    def wait_until_empty(self, seconds: float = 30.0) -> None:
        """Until the queue is empty. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while self.queued():
            if time.monotonic() > end:
                raise TimeoutError(f"{self.queued()} mails are still queued:\n{self.log[-3000:]}")
            time.sleep(0.05)

    def _postfix(self, command: str, check: bool = True) -> None:
        done = subprocess.run(
            ["postfix", "-c", str(self.config), command], capture_output=True, text=True, timeout=60, check=False
        )
        if check and done.returncode:
            raise RuntimeError(f"postfix {command}: {done.stdout}{done.stderr}{self.log}")

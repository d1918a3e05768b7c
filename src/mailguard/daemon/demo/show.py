"""`make run`: gateway, next hop and mailbag on this machine, and a table of what became of each mail.

Law: each row is what the wire, the log and the Maildirs say; nothing is taken from the expectations but the mark.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import smtplib
import socket
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mailguard.config.resources import demo_config
from mailguard.config.values import Address
from mailguard.daemon.assembly import load
from mailguard.daemon.demo.gateway import Gateway
from mailguard.daemon.demo.hop import Maildir, port_of, serve
from mailguard.daemon.demo.mailbag import Sample, read_bag

PATIENCE = 60.0
SETTLE = 15.0


@dataclass
class Row:
    """What became of one mail."""

    sample: Sample
    reply: str
    action: str
    clauses: Sequence[str]
    case: str
    ended: str = ""

    @property
    def right(self) -> bool:
        """True where the verdict is the expected one, or none is written."""
        return self.sample.expected in ("", self.action)


class Show:
    """One showing, in `folder`."""

    def __init__(self, folder: Path, console: Console, bag: Path | None = None) -> None:
        self.folder, self.console = folder, console
        self.bag = bag or demo_config().parent / "mailbag"
        self.boxes: dict[str, Maildir] = {}

    async def run(self, once: bool) -> int:
        """The exit status: 0 where every verdict is the expected one."""
        config = self._prepare()
        settings = load(config).settings
        servers = []
        environ: dict[str, str] = {}
        for name, wanted, key in (
            ("delivered", settings.next_hop.address, "NEXT_HOP__ADDRESS"),
            ("secure", settings.routes["secure"].address, "ROUTES__SECURE__ADDRESS"),
        ):
            server, self.boxes[name] = await serve(self.folder / name, free_port(wanted))
            servers.append(server)
            environ[f"MAILGUARD_{key}"] = f"127.0.0.1:{port_of(server)}"
        self.mail = Address("127.0.0.1", free_port(settings.listen.address) or unused_port())
        self.web = Address("127.0.0.1", free_port(settings.web.address) or unused_port())
        environ |= {"MAILGUARD_LISTEN__ADDRESS": str(self.mail), "MAILGUARD_WEB__ADDRESS": str(self.web)}
        self.gateway = await Gateway.start(config, environ, self.folder / "gateway.log")
        try:
            rows = await self._feed(read_bag(self.bag, settings.preset))
            self.console.print(_table(rows, settings.preset))
            self._tell(rows)
            if not once:
                await _until_stopped()
        finally:
            status = await self.gateway.stop()
            for server in servers:
                server.close()
        return status or int(not all(row.right for row in rows))

    def _prepare(self) -> Path:
        """A fresh folder with its own copy of the demo's files."""
        for name in ("delivered", "secure", "var"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("gateway.log", "mailguard.key"):
            (self.folder / name).unlink(missing_ok=True)
        for file in demo_config().parent.iterdir():
            if file.suffix in (".toml", ".csv"):
                shutil.copy(file, self.folder)
        return self.folder / demo_config().name

    async def _feed(self, samples: Sequence[Sample]) -> list[Row]:
        rows = []
        with self.console.status("Sending the mailbag..."):
            for sample in samples:
                reply = await asyncio.to_thread(send, self.mail, sample)
                record = await self.gateway.next("mail", PATIENCE) or {}
                rows.append(
                    Row(sample, reply, record.get("action", "?"), record.get("clauses", ()), record.get("case", ""))
                )
            await self._settle(rows)
        return rows

    async def _settle(self, rows: Sequence[Row]) -> None:
        """Later legs come by the courier: wait until each encrypted mail is seen at the secure route."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SETTLE
        while True:
            for row in rows:
                row.ended = self._where(row)
            missing = [row for row in rows if row.action == "encrypt" and "secure" not in row.ended]
            if not missing or loop.time() > deadline:
                return
            await asyncio.sleep(0.2)

    def _where(self, row: Row) -> str:
        places = [name for name, box in self.boxes.items() if box.find(row.sample.identity)]
        if row.action == "hold":
            places.append("held, case " + row.case)
        return " + ".join(places) or "back to its sender"

    def _tell(self, rows: Sequence[Row]) -> None:
        counts = Counter(row.action for row in rows)
        words = ", ".join(f"{count} {action}" for action, count in counts.most_common())
        wrong = sum(not row.right for row in rows)
        self.console.print(f"{len(rows)} mails: {words}; {len(rows) - wrong} as expected, {wrong} not.")
        self.console.print(f"Send mail to {self.mail}; figures at http://{self.web}/metrics, health at /readyz.")
        self.console.print(f"Delivered mail, log and store are in {self.folder}. Ctrl-C stops.")


def send(address: Address, sample: Sample) -> str:
    """Send one mail; the final reply, whatever it is."""
    with smtplib.SMTP(address.host, address.port, local_hostname="demo-client", timeout=PATIENCE) as client:
        try:
            client.ehlo()
            options = ["BODY=8BITMIME"] if not sample.data.isascii() else []
            code, words = client.mail(sample.sender, options)
            for recipient in sample.recipients:
                if code < 400:
                    code, words = client.rcpt(recipient)
            if code < 400:
                code, words = client.data(sample.data)
        except smtplib.SMTPException as error:
            return str(error)
    return f"{code} {words.decode('utf-8', 'replace')}"


def free_port(wanted: Address) -> int:
    """The wanted port where nobody has it, else 0."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", wanted.port))
        except OSError:
            return 0
    return wanted.port


def unused_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _table(rows: Sequence[Row], preset: str) -> Table:
    table = Table(title=f"The mailbag under the preset {preset}", title_justify="left")
    for heading in ("mail", "verdict", "clauses", "reply to the client", "ended"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        verdict = row.action if row.right else f"{row.action} (expected {row.sample.expected})"
        table.add_row(row.sample.name, verdict, " ".join(row.clauses), escape(row.reply), row.ended)
    return table


async def _until_stopped() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


def main(folder: Path | None = None) -> int:
    """Show it in `folder` (`var/demo` here); ONCE=1 in the environment ends after the table."""
    console = Console(width=None if os.isatty(1) else 150)
    once = os.environ.get("ONCE", "") not in ("", "0")
    try:
        return asyncio.run(Show((folder or Path("var/demo")).absolute(), console).run(once))
    except KeyboardInterrupt:
        return 130

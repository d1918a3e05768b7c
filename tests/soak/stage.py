"""All a soak runs on: gateway, far ends, store, disk, certificate. Law: loopback and one folder, ended by `close`."""

from __future__ import annotations

import asyncio
import os
import re
import ssl
import time
from pathlib import Path

import trustme
from sqlalchemy import select

from mailguard.store import schema
from mailguard.store.store import Store
from tests.peers.postgres import Postgres
from tests.soak.disk import Disk
from tests.soak.far_end import FarEnd
from tests.soak.ledger import HOP, VAULT, Ledger
from tests.soak.mails import OWN
from tests.support.running import Running

NUMBER = re.compile(r"soak-(\d+)@")


class Stage:
    """`open` starts all. `kills` are the moments of crashes, on the clock of `time.monotonic`."""

    def __init__(self, folder: Path, ledger: Ledger, store: str, workers: int, disk: int) -> None:
        self.folder, self.ledger, self.kind, self.workers = folder, ledger, store, workers
        self.postgres: Postgres | None = None
        self.disk = Disk(folder / "disk", disk)
        self.authority = trustme.CA()
        self.kills: list[float] = []
        self.hop = FarEnd(lambda head, said: ledger.arrived(HOP, head, said, time.monotonic()))
        self.vault = FarEnd(lambda head, said: ledger.arrived(VAULT, head, said, time.monotonic()))

    async def open(self) -> None:
        for end in (self.hop, self.vault):
            await end.up()
        self.disk.mount()
        self.database = self.disk.folder / "mailguard.db"
        url = f"sqlite:///{self.database}"
        if self.kind == "postgresql":
            self.postgres = await asyncio.to_thread(Postgres.create)
            url = await asyncio.to_thread(self.postgres.database)
        self.url, self.held, self.key = url, self.disk.folder / "held", self.folder / "mailguard.key"
        self.issue()
        extra = f'[store]\nurl = "{url}"\nheld = "{self.held}"\nkey = "{self.key}"\n{OWN}'
        self.gateway = Running(self.folder, self.hop.port, self.vault.port, extra=extra)
        listen = f'workers = {self.workers}\nhostname = "gate.example"\ntls = "optional"\n'
        listen += 'certificate = "gate.pem"\nprivate_key = "gate.key"\n'
        text = self.gateway.config.read_text()
        self.gateway.config.write_text(text.replace("[listen]\n", f"[listen]\n{listen}"))
        await asyncio.to_thread(self.gateway.start)
        self.store = await Store.open(self.url, self.held, self.key, create_key=False)

    async def close(self) -> None:
        if hasattr(self, "store"):
            await self.store.close()
        if hasattr(self, "gateway") and hasattr(self.gateway, "process"):
            await asyncio.to_thread(self.gateway.stop)
        if self.postgres:
            await asyncio.to_thread(self.postgres.remove)
        self.disk.unmount()
        for end in (self.hop, self.vault):
            await end.down()

    def roots(self) -> list[int]:
        """Processes that all of ours hang under: this one with the gateway, and PostgreSQL."""
        try:
            return [os.getpid(), *([self.postgres.pid] if self.postgres else [])]
        except (OSError, ValueError):  # it is down, or about to be up
            return [os.getpid()]

    def killed(self) -> None:
        self.kills.append(time.monotonic())

    def issue(self) -> None:
        """A certificate for the gateway, new each time."""
        made = self.authority.issue_cert("gate.example")
        made.private_key_pem.write_to_path(str(self.folder / "gate.key"))
        made.cert_chain_pems[0].write_to_path(str(self.folder / "gate.pem"))

    def trust(self) -> ssl.SSLContext:
        """What a client checks the gateway with."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context


async def still_to_send(store: Store) -> set[int]:
    """The numbers of the mails the store will still send."""
    table = schema.deliveries
    query = select(table.c.body).where(table.c.state == "ready", table.c.kind == "leg")
    async with store.database.read() as connection:
        bodies = [row.body for row in await connection.execute(query)]
    found = set()
    for body in bodies:
        message = await store.bodies.open(body)
        if number := NUMBER.search(message.head.decode("utf-8", "replace")):
            found.add(int(number[1]))
        message.close()
    return found


async def states(store: Store) -> dict[int, str]:
    """The state of each case by the mail's number; of warned mails too."""
    cases = await store.cases.list()
    return {int(number[1]): case.state for case in cases if (number := NUMBER.search(case.message_id or ""))}


async def settled(store: Store, seconds: float) -> None:
    """Until the store has nothing it could send now, or time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any((await store.deliveries.counts()).values()):
            return
        await asyncio.sleep(0.2)

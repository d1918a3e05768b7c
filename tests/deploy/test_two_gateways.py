"""Two gateways behind HAProxy, one PostgreSQL, one folder of held mail: one is killed, nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import smtplib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.peers.postgres import Postgres, missing
from tests.soak.far_end import FarEnd
from tests.soak.ledger import HOP, VAULT, Ledger
from tests.soak.load import Load
from tests.soak.mails import KINDS, OWN
from tests.soak.stage import settled, states, still_to_send
from tests.support.running import Running, free_port, mail, wait_for

from mailguard.store.store import Store

SHIPPED = Path(__file__).parents[2] / "deploy" / "haproxy" / "haproxy.cfg"
BALANCER = "127.0.0.2"
"""HAProxy speaks from here, so that what comes from 127.0.0.1 is a client of its own."""


def haproxy() -> str:
    found = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        pytest.skip("haproxy is not installed (apt-get install haproxy)")
    if why := missing():
        pytest.skip(why)
    return found


@dataclass
class Pair:
    """What the test sees of it all."""

    gateways: list[Running]
    port: int
    ledger: Ledger
    hop: FarEnd
    store: Store
    heads: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def balanced(program: str, folder: Path, gateways: list[Running]) -> AsyncIterator[int]:
    """HAProxy with the file that ships, but for its addresses."""
    port = free_port()
    text = SHIPPED.read_text().replace("bind 0.0.0.0:25", f"bind 127.0.0.1:{port}")
    text = text.replace("maxconn 20000", "maxconn 500")
    text = text.replace("send-proxy-v2", f"send-proxy-v2 source {BALANCER}")
    for number, gateway in enumerate(gateways, 1):
        text = re.sub(
            rf"server gateway{number} \S+ port \d+",
            f"server gateway{number} 127.0.0.1:{gateway.port} port {gateway.web}",
            text,
        )
    (folder / "haproxy.cfg").write_text(text)
    with (folder / "haproxy.log").open("wb") as log:
        words = (program, "-db", "-f", str(folder / "haproxy.cfg"))
        process = await asyncio.create_subprocess_exec(*words, stdout=log, stderr=log)
        try:
            await asyncio.to_thread(wait_for, lambda: greets(port))
            yield port
        finally:
            process.terminate()
            await process.wait()


def greets(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=5):
            return True
    except (OSError, smtplib.SMTPException):
        return False


@asynccontextmanager
async def pair(folder: Path) -> AsyncIterator[Pair]:
    program = haproxy()
    postgres = await asyncio.to_thread(Postgres.create)
    ledger, heads = Ledger(KINDS), list[bytes]()

    def at_hop(head: bytes, said: bool) -> None:
        heads.append(head)
        ledger.arrived(HOP, head, said, time.monotonic())

    hop, vault = FarEnd(at_hop), FarEnd(lambda head, said: ledger.arrived(VAULT, head, said, time.monotonic()))
    gateways: list[Running] = []
    try:
        for end in (hop, vault):
            await end.up()
        url, held, key = postgres.database(), folder / "held", folder / "mailguard.key"
        for number in (1, 2):
            place = folder / f"gateway{number}"
            place.mkdir()
            extra = f'[store]\nurl = "{url}"\nheld = "{held}"\nkey = "{key}"\n{OWN}'
            gateway = Running(place, hop.port, vault.port, extra=extra)
            text = gateway.config.read_text().replace("[listen]\n", f'[listen]\nproxy_from = ["{BALANCER}"]\n')
            gateway.config.write_text(text)
            gateways.append(gateway)
            await asyncio.to_thread(gateway.start)
        store = await Store.open(url, held, key, create_key=False)
        async with balanced(program, folder, gateways) as port:
            yield Pair(gateways, port, ledger, hop, store, heads)
        await store.close()
    finally:
        for gateway in gateways:
            await asyncio.to_thread(gateway.stop)
        for end in (hop, vault):
            await end.down()
        await asyncio.to_thread(postgres.remove)


async def test_one_of_two_is_killed_under_load(tmp_path: Path) -> None:
    async with pair(tmp_path) as both:
        load = Load(lambda: both.port, both.ledger, time.monotonic)
        kills: list[float] = []
        running = asyncio.create_task(load.run(80, 7, 10))
        await asyncio.sleep(2)
        await asyncio.to_thread(both.gateways[0].kill)
        kills.append(time.monotonic())
        await asyncio.sleep(2)
        before = len(both.ledger.kind)
        both.gateways[0].log.close()
        await asyncio.to_thread(both.gateways[0].start)
        await running
        for number in load.held:
            await both.store.release(number, "MO", "fine")
        await settled(both.store, 20)
        account = both.ledger.settle(await states(both.store), await still_to_send(both.store), kills)
        assert account.lost == []
        assert account.doubled == []
        assert account.counts["delivered"] > 200
        assert account.counts["of these released"] > 0
        assert 250 in both.ledger.code[before:], "the other one did not carry the mail"


async def test_the_clients_own_address_goes_through_the_balancer(tmp_path: Path) -> None:
    async with pair(tmp_path) as both:

        def send() -> None:
            with smtplib.SMTP("127.0.0.1", both.port, timeout=10, source_address=("127.0.0.9", 0)) as client:
                client.sendmail("officer@council.example", ["x@homemail.example"], mail("Hello"))

        await asyncio.to_thread(send)
        assert b"127.0.0.9" in both.heads[-1].partition(b"\r\nFrom:")[0]

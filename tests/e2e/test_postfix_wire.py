"""The wire between two real Postfix, with a flow that passes everything. Law: what goes in comes out."""

from __future__ import annotations

import asyncio
import hashlib
import random
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from mailguard.mail.reply import Reply
from mailguard.smtp.front import Front
from mailguard.smtp.hop import HopPool
from mailguard.smtp.settings import FrontSettings, HopSettings, Limits
from mailguard.smtp.trace import received
from mailguard.smtp.transaction import Transaction
from tests.peers import postfix
from tests.peers.client import Client
from tests.peers.next_hop import NextHop, Taken
from tests.peers.postfix import Postfix, free_port

pytestmark = pytest.mark.skipif(bool(postfix.missing()), reason=postfix.missing())


@dataclass
class Pair:
    """Two Postfix and the ports between: client -> front -> gate -> behind -> sink."""

    front: Postfix
    behind: Postfix
    gate: int
    sink: int
    certificates: Path


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    certificates = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(certificates / "ca.pem"))
    for name in ("gate.example", "behind.example"):
        issued = authority.issue_cert(name)
        issued.private_key_and_cert_chain_pem.write_to_path(str(certificates / f"{name}.pem"))
    gate, sink = free_port(), free_port()
    refused = "inline:{ {gone@example.net=550 5.1.1 no such user here} {later@example.net=450 4.2.0 come back later} }"
    behind = Postfix(
        sink,
        "behind.example",
        smtpd_tls_security_level="may",
        smtpd_tls_chain_files=str(certificates / "behind.example.pem"),
        smtpd_tls_loglevel="1",
        smtpd_tls_received_header="yes",
        smtpd_recipient_restrictions=f"check_recipient_access {refused}",
    )
    front = Postfix(
        gate,
        "front.example",
        smtp_tls_security_level="may",
        smtp_tls_CAfile=str(certificates / "ca.pem"),
        smtp_tls_loglevel="1",
    )
    with behind, front:
        yield Pair(front, behind, gate, sink, certificates)


@dataclass
class Wire:
    """The gate and the sink, running."""

    pair: Pair
    sink: NextHop
    front: Front

    async def arrived(self, count: int = 1) -> list[Taken]:
        """The messages at the far end, once there are `count`."""
        return await self.sink.until_taken(count)


Opening = Callable[..., Awaitable[Wire]]


@pytest.fixture
async def wire(pair: Pair, tmp_path: Path) -> AsyncIterator[Opening]:
    async with AsyncExitStack() as stack:

        async def start(front: dict[str, Any] | None = None, hop: dict[str, Any] | None = None) -> Wire:
            sink = NextHop()
            sink.port = pair.sink
            await sink.start()
            stack.push_async_callback(sink.stop)
            hops = HopPool(replace(HopSettings(pair.behind.address, hello="gate.example"), **(hop or {})))
            stack.push_async_callback(hops.close)
            settings = FrontSettings(f"127.0.0.1:{pair.gate}", "gate.example", tmp_path, Limits(idle=60.0))

            async def flow(transaction: Transaction) -> Reply:
                field = received(transaction, "gate.example", b"key")
                return await transaction.deliver(transaction.message.with_field(field))

            door = Front(replace(settings, **(front or {})), hops, flow)
            await door.start()
            stack.push_async_callback(door.drain, 5)
            return Wire(pair, sink, door)

        yield start


def body_of(data: bytes) -> bytes:
    return data.partition(b"\r\n\r\n")[2]


def mail(size: int, seed: int = 1) -> bytes:
    """Lines with dots, 8-bit text and odd lengths, about `size` bytes."""
    dice = random.Random(seed)
    lines = [b"From: <cllr@council.example>", b"To: <resident@example.net>", b"Subject: wire"]
    lines += [b"Message-Id: <1@front.example>", b"Date: Thu, 07 May 2026 12:00:00 +0000", b""]
    total = 0
    while total < size:
        lines.append(dice.choice([b"", b".", b"..", b".dot", "Straße".encode(), b"x" * dice.randrange(900)]))
        total += len(lines[-1]) + 2
    return b"".join(line + b"\r\n" for line in lines)


def dotted(message: bytes) -> bytes:
    return message.replace(b"\r\n.", b"\r\n..") + b".\r\n"


@pytest.mark.parametrize("size", [300, 60_000, 3_000_000])
async def test_bytes_between_two_postfix(wire: Opening, size: int) -> None:
    running = await wire()
    message = mail(size)
    async with Client(running.pair.front.port) as client:
        await client.hello()
        await client.begin()
        await client.send(dotted(message))
        assert (await client.hear()).startswith("250")
    [taken] = await running.arrived()
    assert hashlib.sha256(body_of(taken.data)).hexdigest() == hashlib.sha256(body_of(message)).hexdigest()
    head = taken.data.partition(b"\r\n\r\n")[0]
    assert head.count(b"by gate.example (mailguard)") == 1
    assert head.endswith(message.partition(b"\r\n\r\n")[0])


async def test_a_line_of_a_megabyte(wire: Opening) -> None:
    running = await wire()
    message = b"Subject: long\r\n\r\n" + b"x" * 1_000_000 + b"\r\n"
    async with Client(running.pair.gate) as client:
        await client.hello()
        assert (await client.mail(message)).startswith("250")
    [taken] = await running.arrived()
    assert body_of(taken.data) == body_of(message)


async def test_parameters_arrive(wire: Opening) -> None:
    running = await wire()
    async with Client(running.pair.front.port) as client:
        await client.hello()
        said = "MAIL FROM:<cllr@council.example> RET=HDRS ENVID=QQ314159 BODY=8BITMIME"
        assert (await client.say(said)).startswith("250")
        said = "RCPT TO:<resident@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Resident@example.net"
        assert (await client.say(said)).startswith("250")
        assert (await client.say("RCPT TO:<other@example.net> NOTIFY=NEVER")).startswith("250")
        assert (await client.say("DATA")).startswith("354")
        await client.send(dotted(mail(500)))
        assert (await client.hear()).startswith("250")
    [taken] = await running.arrived()
    assert b"RET=HDRS" in taken.mail
    assert b"ENVID=QQ314159" in taken.mail
    assert b"BODY=8BITMIME" in taken.mail
    rcpts = b"\n".join(sorted(taken.rcpts))
    assert b"<resident@example.net> ORCPT=rfc822;Resident@example.net NOTIFY=SUCCESS,DELAY" in rcpts
    assert b"<other@example.net>" in rcpts
    assert b"NOTIFY=NEVER" in rcpts


async def test_smtputf8_addresses(wire: Opening) -> None:
    running = await wire()
    async with Client(running.pair.front.port) as client:
        await client.hello()
        assert (await client.say("MAIL FROM:<jörg@council.example> SMTPUTF8")).startswith("250")
        assert (await client.say("RCPT TO:<zoë@example.net>")).startswith("250")
        assert (await client.say("DATA")).startswith("354")
        await client.send("Subject: Grüße\r\n\r\nHallo\r\n.\r\n".encode())
        assert (await client.hear()).startswith("250")
    [taken] = await running.arrived()
    assert "jörg@council.example".encode() in taken.mail
    assert b"SMTPUTF8" in taken.mail
    assert "zoë@example.net".encode() in taken.rcpts[0]


async def test_postfix_refusals_reach_swaks_unchanged(wire: Opening) -> None:
    running = await wire()
    command = ["swaks", "--server", f"127.0.0.1:{running.pair.gate}", "--from", "cllr@council.example", "--to"]
    done = await asyncio.to_thread(
        subprocess.run, [*command, "gone@example.net"], capture_output=True, text=True, check=False
    )
    assert "<** 550 5.1.1 <gone@example.net>: Recipient address rejected: no such user here" in done.stdout
    done = await asyncio.to_thread(
        subprocess.run,
        [*command, "later@example.net,resident@example.net"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "<** 450 4.2.0 <later@example.net>: Recipient address rejected: come back later" in done.stdout
    assert "<-  250 2.0.0 Ok: queued as" in done.stdout
    [taken] = await running.arrived()
    assert len(taken.rcpts) == 1


async def test_postfix_learns_who_the_client_is(wire: Opening) -> None:
    """From a balancer's PROXY header to Postfix's log, by XFORWARD, anew for each mail of a shared session."""
    running = await wire(front={"proxy_from": ("127.0.0.0/8",)})
    before = len(running.pair.behind.log)
    for number, address in enumerate(("192.0.2.7", "198.51.100.9"), 1):
        async with Client(running.pair.gate) as client:
            await client.send(f"PROXY TCP4 {address} {address} 4711 25\r\n".encode())
            await client.hello()
            assert (await client.mail()).startswith("250")
        await running.arrived(number)
        assert f"orig_client=unknown[{address}]" in running.pair.behind.log[before:]
    assert running.pair.behind.log[before:].count(": connect from") == 1


async def test_tls_on_both_sides(wire: Opening, pair: Pair) -> None:
    running = await wire(
        front={"tls": "required", "certificate": pair.certificates / "gate.example.pem"},
        hop={"tls": "required", "ca_file": pair.certificates / "ca.pem", "server_name": "behind.example"},
    )
    behind, front = len(pair.behind.log), len(pair.front.log)
    message = mail(2_000_000)
    async with Client(pair.front.port) as client:
        await client.hello()
        await client.begin()
        await client.send(dotted(message))
        assert (await client.hear()).startswith("250")
    [taken] = await running.arrived()
    assert body_of(taken.data) == body_of(message)
    assert b"(mailguard) with ESMTPS id" in taken.data
    assert "TLS connection established from" in pair.behind.log[behind:]
    assert "TLS connection established to 127.0.0.1" in pair.front.log[front:]


async def test_smtp_source_with_a_hundred_sessions(wire: Opening) -> None:
    running = await wire()
    command = ["smtp-source", "-s", "100", "-m", "300", "-l", "2000", "-f", "cllr@council.example"]
    done = await asyncio.to_thread(
        subprocess.run, [*command, "-t", "resident@example.net", f"127.0.0.1:{running.pair.gate}"], check=False
    )
    assert done.returncode == 0
    taken = await running.arrived(300)
    assert len(taken) == 300
    assert running.front.sessions == 0

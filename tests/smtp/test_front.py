"""The front's limits, time, drain, sizes and AUTH; STARTTLS on both sides."""

from __future__ import annotations

import asyncio
import base64
import ssl
from pathlib import Path

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.errors import HopError, ProtocolError, ReplyLost
from mailguard.mail.message import Message
from mailguard.mail.reply import Reply
from mailguard.smtp.settings import Limits
from mailguard.smtp.transaction import Transaction
from tests.peers.next_hop import DROP, EVERYTHING
from tests.smtp.conftest import Opening

PLAIN = base64.b64encode(b"\0cllr\0secret").decode()


class Papers:
    """An authority and what it issued."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        self.authority.cert_pem.write_to_path(str(self.ca_file))
        self.folder = folder

    def issue(self, name: str) -> Path:
        path = self.folder / f"{name}.pem"
        self.authority.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(str(path))
        return path

    def server(self, name: str) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.issue(name))
        return context

    def client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file))


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    return Papers(tmp_path)


async def test_any_bytes_give_a_reply_or_a_close(gate: Opening) -> None:
    opened = await gate(limits=Limits(idle=20.0, errors=5))
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    words = [
        b"EHLO x",
        b"MAIL FROM:<a@b.example>",
        b"RCPT TO:<c@d.example>",
        b"DATA",
        b"\r\n",
        b"\n",
        b".",
        b"\r\n.\r\n",
    ]
    words += [b"RSET", b"AUTH PLAIN", b"QUIT", b"\0", b" ", b"\xff", b"STARTTLS", b"BDAT 3", b"x" * 5000, b"<>"]
    soup = st.lists(st.sampled_from(words), max_size=25).map(b"".join) | st.binary(max_size=300)
    samples: list[bytes] = []

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(soup)
    def gather(data: bytes) -> None:
        samples.append(data)

    gather()
    for data in samples:
        async with opened.client() as client:
            await client.send(data)
            client.writer.write_eof()
            heard = await client.rest()
        assert heard.startswith("220 gate.example ESMTP\n")
        assert all(line[:3].isdigit() and line[3:4] in " -" for line in heard.splitlines()), (data, heard)
    assert faults == []


@pytest.mark.parametrize("size", [1000, 300_000, 2_000_000])
async def test_messages_of_all_sizes_and_none_left_behind(gate: Opening, size: int, tmp_path: Path) -> None:
    opened = await gate(limits=Limits(idle=20.0, spool_over=100_000))
    body = b"Subject: x\r\n\r\n" + (b".dot" + b"x" * 70 + b"\r\n") * (size // 76)
    async with opened.client() as client:
        await client.hello()
        assert (await client.mail(body.replace(b"\r\n.", b"\r\n.."))).startswith("250")
    assert opened.hop.taken[0].data == body
    assert (opened.transactions[0].message.blob.path is not None) == (size > 100_000)
    assert list(tmp_path.glob("*.spool")) == []
    assert ("received", len(body)) in opened.observer.told
    assert ("delivered", len(body)) in opened.observer.told


async def test_too_big_is_refused_early_and_late(gate: Opening, tmp_path: Path) -> None:
    opened = await gate(limits=Limits(idle=20.0, message=200_000, spool_over=50_000))
    async with opened.client() as client:
        assert "SIZE 200000" in await client.hello()
        assert (await client.say("MAIL FROM:<a@b.example> SIZE=200001")).startswith("552 5.3.4")
        assert (await client.mail((b"x" * 98 + b"\r\n") * 2001)).startswith("552 5.3.4")
        assert list(tmp_path.glob("*.spool")) == []
        assert (await client.mail((b"x" * 98 + b"\r\n") * 2000)).startswith("250")


async def test_no_room_for_the_spool(gate: Opening, tmp_path: Path) -> None:
    opened = await gate(limits=Limits(idle=20.0, spool_over=10), front={"spool": tmp_path / "missing"})
    async with opened.client() as client:
        await client.hello()
        assert (await client.mail()).startswith("452 4.3.1")


async def test_silence_ends_a_connection_but_not_a_flow(gate: Opening) -> None:
    go = asyncio.Event()

    async def flow(transaction: Transaction) -> Reply:
        await go.wait()
        return await transaction.deliver(transaction.message)

    opened = await gate(limits=Limits(idle=0.2), flow=flow)
    async with opened.client() as silent, opened.client() as busy:
        await silent.hello()
        await busy.hello()
        await busy.begin()
        await busy.send(b"hi\r\n.\r\n")
        assert (await silent.rest()).startswith("421 4.4.2")
        go.set()
        assert (await busy.hear()).startswith("250")


async def test_dawdling_ends_a_connection(gate: Opening) -> None:
    opened = await gate(limits=Limits(idle=0.3))
    async with opened.client() as client:
        await client.hello()
        await client.begin()
        heard = asyncio.create_task(client.rest())
        while not heard.done():
            client.writer.write(b"x\r\n")
            await asyncio.sleep(0.02)
        assert heard.result().startswith("421 4.4.2")
    assert opened.hop.taken == []


async def test_drain_finishes_the_mail_under_way(gate: Opening) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def flow(transaction: Transaction) -> Reply:
        begun.set()
        await go.wait()
        return await transaction.deliver(transaction.message)

    opened = await gate(flow=flow)
    async with opened.client() as idle, opened.client() as busy:
        await idle.hello()
        await busy.hello()
        await busy.begin()
        await busy.send(b"hi\r\n.\r\n")
        await begun.wait()
        drained = asyncio.create_task(opened.front.drain(10))
        assert (await idle.rest()).startswith("421 4.3.2")
        with pytest.raises(ConnectionError):
            await opened.client().__aenter__()
        assert not drained.done()
        go.set()
        assert (await busy.hear()).startswith("250")
        assert (await busy.rest()).startswith("421 4.3.2")
    await drained


async def test_a_drain_that_takes_too_long_cuts(gate: Opening) -> None:
    begun = asyncio.Event()

    async def flow(transaction: Transaction) -> Reply:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    opened = await gate(flow=flow)
    async with opened.client() as client:
        await client.hello()
        await client.begin()
        await client.send(b"hi\r\n.\r\n")
        await begun.wait()
        await opened.front.drain(0.05)
        assert (await client.rest()).startswith("421 4.3.2")
    assert opened.hop.taken == []


async def test_starttls_and_what_came_before_it(gate: Opening, papers: Papers) -> None:
    opened = await gate(front={"tls": "required", "certificate": papers.issue("gate.example")})
    async with opened.client() as client:
        assert "250-STARTTLS" in await client.hello()
        assert (await client.say("MAIL FROM:<a@b.example>")).startswith("530 5.7.0")
        await client.send(b"STARTTLS\r\nMAIL FROM:<evil@b.example>\r\nNOOP\r\n")
        assert (await client.hear()).startswith("220")
        await client.start_tls(papers.client())
        assert (await client.say("MAIL FROM:<a@b.example>")).startswith("503")
        assert "STARTTLS" not in await client.say("EHLO again")
        assert (await client.mail(b"x" * 998 + b"\r\n" + (b"y" * 998 + b"\r\n") * 2000)).startswith("250")
    assert opened.transactions[0].envelope.tls
    assert len(opened.hop.taken) == 1
    assert ("tls", "client", True) in opened.observer.told


async def test_certificates_are_reloaded(gate: Opening, papers: Papers) -> None:
    path = papers.issue("gate.example")
    opened = await gate(front={"tls": "optional", "certificate": path})

    async def serial() -> int:
        async with opened.client() as client:
            await client.hello()
            assert (await client.say("STARTTLS")).startswith("220")
            await client.start_tls(papers.client())
            return int(client.writer.get_extra_info("ssl_object").getpeercert()["serialNumber"], 16)

    first = await serial()
    papers.issue("gate.example")
    assert await serial() == first
    opened.front.reload_certificates()
    second = await serial()
    assert second != first
    path.write_text("nonsense")
    with pytest.raises(ssl.SSLError):
        opened.front.reload_certificates()
    assert await serial() == second


@pytest.mark.parametrize(
    ("tls", "name", "offered", "expected"),
    [
        ("required", "hop.example", True, "250"),
        ("required", "other.example", True, "451"),
        ("required", "hop.example", False, "451"),
        ("if-offered", "other.example", True, "250"),
        ("if-offered", "hop.example", False, "250"),
    ],
)
async def test_tls_to_the_hop(gate: Opening, papers: Papers, tls: str, name: str, offered: bool, expected: str) -> None:
    server = papers.server("hop.example") if offered else None
    opened = await gate(hop={"tls": tls, "ca_file": papers.ca_file, "server_name": name}, hop_tls=server)
    async with opened.client() as client:
        await client.hello()
        assert (await client.say("MAIL FROM:<a@b.example>")).startswith(expected)
    if expected == "250":
        assert opened.hop.connections[-1].secure == offered


async def test_auth_is_passed_through_and_pins_the_session(gate: Opening) -> None:
    opened = await gate(offers=(*EVERYTHING, "AUTH PLAIN LOGIN CRAM-MD5"), front={"auth_without_tls": True})
    async with opened.client() as client:
        assert "250-AUTH PLAIN LOGIN\n" in await client.hello()
        opened.hop.answers["AUTH"].append(b"535 5.7.8 wrong\r\n")
        assert await client.say(f"AUTH PLAIN {PLAIN}") == "535 5.7.8 wrong"
        assert (await client.say("AUTH CRAM-MD5")).startswith("504")
        opened.hop.answers["AUTH"].append(b"334 VXNlcm5hbWU6\r\n")
        opened.hop.answers["line"].append(b"334 UGFzc3dvcmQ6\r\n")
        assert await client.say("auth login") == "334 VXNlcm5hbWU6"
        assert await client.say(base64.b64encode(b"cllr")) == "334 UGFzc3dvcmQ6"
        assert await client.say(base64.b64encode(b"secret")) == "235 2.7.0 Welcome"
        assert (await client.say(f"AUTH PLAIN {PLAIN}")).startswith("503")
        pinned = opened.hop.connections[-1]
        assert (await client.mail()).startswith("250")
        assert (await client.mail()).startswith("250")
        async with opened.client() as other:
            await other.hello()
            assert (await other.mail()).startswith("250")
    assert [transaction.envelope.user for transaction in opened.transactions] == ["cllr", "cllr", None]
    assert sum(line.startswith(b"MAIL") for line in pinned.lines) == 2


async def test_auth_needs_tls(gate: Opening) -> None:
    opened = await gate(offers=(*EVERYTHING, "AUTH PLAIN"))
    async with opened.client() as client:
        assert "AUTH" not in await client.hello()
        assert (await client.say(f"AUTH PLAIN {PLAIN}")).startswith("538")
    assert opened.hop.heard(b"AUTH") == []


async def test_auth_is_not_passed_on_in_clear_where_tls_is_asked_for(gate: Opening) -> None:
    """Who stands between and strips STARTTLS would hear the password."""
    opened = await gate(offers=(*EVERYTHING, "AUTH PLAIN"), front={"auth_without_tls": True}, hop={"tls": "if-offered"})
    async with opened.client() as client:
        assert "AUTH" not in await client.hello()
        assert (await client.say(f"AUTH PLAIN {PLAIN}")).startswith("504")
    assert opened.hop.heard(b"AUTH") == []


async def test_a_line_that_was_too_long_for_auth_is_not_held_against_the_next(gate: Opening) -> None:
    opened = await gate(offers=(*EVERYTHING, "AUTH PLAIN"), front={"auth_without_tls": True})
    async with opened.client() as client:
        await client.hello()
        opened.hop.answers["AUTH"].append(b"334 \r\n")
        opened.hop.answers["line"].append(b"501 5.7.0 cancelled\r\n")
        assert (await client.say("AUTH PLAIN")).startswith("334")
        client.writer.write(b"x" * 10_000)
        await asyncio.sleep(0.1)  # so that it is read, and dropped, before its end comes
        assert (await client.say("x")).startswith("501")
        assert (await client.say("NOOP")).startswith("250")


async def test_an_authenticated_session_is_not_replayed(gate: Opening) -> None:
    opened = await gate(offers=(*EVERYTHING, "AUTH PLAIN"), front={"auth_without_tls": True})
    async with opened.client() as client:
        await client.hello()
        assert (await client.say(f"AUTH PLAIN {PLAIN}")).startswith("235")
        opened.hop.answers["MAIL"].append(DROP)
        assert (await client.say("MAIL FROM:<a@b.example>")).startswith("451")
        assert (await client.say("MAIL FROM:<a@b.example>")).startswith("421")


ENVELOPE = Envelope(
    "a@b.example", (Recipient("c@d.example", ("NOTIFY=NEVER",)), Recipient("e@f.example")), ("RET=FULL",)
)


async def test_mailguards_own_mail(gate: Opening) -> None:
    opened = await gate(offers=(*EVERYTHING, "AUTH PLAIN"), hop={"user": "gate", "password": "x"})
    opened.hop.answers["RCPT"].append(b"550 5.1.1 no\r\n")
    delivery = await opened.hops.deliver(ENVELOPE, Message.of(b"Subject: x\r\n\r\n.\r\n"))
    assert [reply.code for _, reply in delivery.recipients] == [550, 250]
    assert delivery.final is not None
    assert delivery.final.code == 250
    [taken] = opened.hop.taken
    assert taken.mail == b"MAIL FROM:<a@b.example> SIZE=17 RET=FULL"
    assert taken.data == b"Subject: x\r\n\r\n.\r\n"
    assert base64.b64decode(opened.hop.heard(b"AUTH")[0].split()[2]) == b"\0gate\0x"
    assert await opened.hops.probe()


async def test_own_mail_a_route_cannot_carry_is_not_begun(gate: Opening) -> None:
    opened = await gate(offers=("SIZE 20",))
    plain = Envelope("a@b.example", ENVELOPE.recipients, ("RET=FULL",))
    delivery = await opened.hops.deliver(plain, Message.of(b"x\r\n"))
    assert opened.hop.taken[0].rcpts == [b"RCPT TO:<c@d.example>", b"RCPT TO:<e@f.example>"]
    assert delivery.final is not None
    for options, size, code in ((("BODY=8BITMIME",), 1, b"5.6.3"), (("SMTPUTF8",), 1, b"5.6.7"), ((), 30, b"5.3.4")):
        envelope = Envelope("a@b.example", ENVELOPE.recipients, options)
        refused = await opened.hops.deliver(envelope, Message.of(b"x" * size + b"\r\n"))
        assert refused.final is None
        assert {reply.lines[0][:5] for _, reply in refused.recipients} == {code}
    assert len(opened.hop.heard(b"MAIL")) == 1


async def test_own_mail_to_an_address_beyond_ascii_asks_for_smtputf8(gate: Opening) -> None:
    """A notice or a DSN to such a sender has no options of a client."""
    opened = await gate()
    await opened.hops.deliver(Envelope("", (Recipient("jörg@b.example"),)), Message.of(b"x\r\n"))
    await opened.hops.deliver(
        Envelope("jörg@b.example", (Recipient("a@b.example"),), ("SMTPUTF8",)), Message.of(b"x\r\n")
    )
    assert [taken.mail.decode() for taken in opened.hop.taken] == [
        "MAIL FROM:<> SIZE=3 SMTPUTF8",
        "MAIL FROM:<jörg@b.example> SIZE=3 SMTPUTF8",
    ]


async def test_own_mail_and_a_hop_that_dies(gate: Opening) -> None:
    opened = await gate()
    message = Message.of(b"x\r\n")
    opened.hop.answers["message"].append(DROP)
    with pytest.raises(ReplyLost):
        await opened.hops.deliver(ENVELOPE, message)
    opened.hop.answers["MAIL"].append(DROP)
    with pytest.raises(HopError):
        await opened.hops.deliver(ENVELOPE, message)
    await opened.hops.deliver(ENVELOPE, message)
    opened.hop.answers["MAIL"].append(DROP)  # on a session that had been idle: one more try, on a new one
    await opened.hops.deliver(ENVELOPE, message)
    with pytest.raises(ProtocolError):
        await opened.hops.deliver(ENVELOPE, Message.of(b"bare\nlf\r\n"))
    assert len(opened.hop.taken) == 3

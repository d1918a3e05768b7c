"""Law 1 on the wire: who is told 250 and when, replays, and what happens when the hop dies at each step."""

from __future__ import annotations

import asyncio

import pytest

from mailguard.mail.errors import HopError, ReplyLost
from mailguard.mail.reply import Reply
from mailguard.smtp.transaction import Transaction
from tests.peers.next_hop import ABORT, DROP, EVERYTHING, STALL
from tests.smtp.conftest import Opening

SERIAL = tuple(offer for offer in EVERYTHING if offer != "PIPELINING")


async def honest(transaction: Transaction) -> Reply:
    """What a gateway makes of the errors."""
    try:
        return await transaction.deliver(transaction.message)
    except ReplyLost:
        return Reply.of(451, "4.4.2", "lost")
    except HopError:
        return Reply.of(451, "4.4.1", "down")


async def test_data_goes_up_only_after_the_verdict(gate: Opening) -> None:
    heard: list[list[bytes]] = []

    async def flow(transaction: Transaction) -> Reply:
        heard.append(opened.hop.heard(b"DATA"))
        return await transaction.deliver(transaction.message)

    opened = await gate(flow=flow)
    async with opened.client() as client:
        await client.hello()
        assert await client.mail() == "250 2.0.0 Ok: queued"
    assert heard == [[]]
    assert len(opened.hop.heard(b"DATA")) == 1


@pytest.mark.parametrize("offers", [EVERYTHING, SERIAL])
async def test_an_abandoned_mail_is_reset_and_never_sent(gate: Opening, offers: tuple[str, ...]) -> None:
    async def flow(transaction: Transaction) -> Reply:
        await transaction.abandon()
        await transaction.abandon()
        return Reply.of(550, "5.7.1", "No")

    opened = await gate(flow=flow, offers=offers)
    async with opened.client() as client:
        await client.hello()
        assert await client.mail() == "550 5.7.1 No"
        assert await client.mail() == "550 5.7.1 No"
    assert len(opened.hop.connections) == 1
    assert opened.hop.heard(b"DATA") == []
    assert len(opened.hop.heard(b"RSET")) == 2
    assert opened.hop.taken == []


@pytest.mark.filterwarnings("default")
async def test_a_flow_that_forgets_or_fails_sends_nothing(gate: Opening) -> None:
    async def flow(transaction: Transaction) -> Reply:
        if b"fail" in transaction.message.read():
            raise ValueError("a bug")
        return Reply.of(250, "2.0.0", "Held")

    opened = await gate(flow=flow)
    faults: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    async with opened.client() as client:
        await client.hello()
        assert await client.mail() == "250 2.0.0 Held"
        assert (await client.mail(b"Subject: fail\r\n\r\n")).startswith("451 4.3.0")
        assert (await client.say("NOOP")).startswith("250")
    assert opened.hop.heard(b"DATA") == []
    assert [type(fault["exception"]) for fault in faults] == [ValueError]


async def test_pipelined_commands_go_up_in_one_packet(gate: Opening) -> None:
    opened = await gate()
    async with opened.client() as client:
        await client.hello()
        await client.mail()
        packets = len(opened.hop.connections[0].packets)
        await client.send(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@f.example>\r\nDATA\r\n")
        for code in ("250", "250", "250", "354"):
            assert (await client.hear()).startswith(code)
    [_, *together] = opened.hop.connections[0].packets[packets - 1 :]
    assert together[0].startswith(b"XFORWARD")
    assert together[0].endswith(b"RCPT TO:<e@f.example>\r\n")


async def test_without_pipelining_each_command_waits_for_its_reply(gate: Opening) -> None:
    opened = await gate(offers=SERIAL)
    async with opened.client() as client:
        await client.hello()
        await client.send(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@f.example>\r\nDATA\r\n")
        for code in ("250", "250", "250", "354"):
            assert (await client.hear()).startswith(code)
        await client.send(b"hi\r\n.\r\n")
        assert (await client.hear()).startswith("250")
    assert not [packet for packet in opened.hop.connections[0].packets if b"MAIL" in packet and b"RCPT" in packet]


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("how", [DROP, ABORT, b"421 4.3.2 closing\r\n", b"garbage\r\n"])
async def test_a_session_that_dies_before_the_body_is_replayed_once(gate: Opening, verb: str, how: bytes) -> None:
    opened = await gate(flow=honest)
    opened.hop.answers[verb].append(how)
    async with opened.client() as client:
        await client.hello()
        assert await client.mail() == "250 2.0.0 Ok: queued"
    assert len(opened.hop.connections) == 2
    assert [len(taken.rcpts) for taken in opened.hop.taken] == [1]


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
async def test_it_is_not_replayed_twice(gate: Opening, verb: str) -> None:
    opened = await gate(flow=honest)
    opened.hop.default[verb] = DROP
    async with opened.client() as client:
        await client.hello()
        replies = [await client.say("MAIL FROM:<a@b.example>")]
        replies.append(await client.say("RCPT TO:<c@d.example>"))
        replies.append(await client.say("DATA"))
        if replies[-1].startswith("354"):
            replies.append(await client.say("hi\r\n."))
        assert any(reply.startswith("451") for reply in replies), replies
        assert (await client.say("NOOP")).startswith("250")
    assert opened.hop.taken == []
    assert len(opened.hop.connections) == 2


async def test_a_replay_whose_replies_differ_is_451(gate: Opening) -> None:
    opened = await gate(flow=honest)
    opened.hop.answers["RCPT"] += [b"250 2.1.5 Ok\r\n", b"550 5.1.1 gone\r\n"]
    opened.hop.answers["DATA"].append(DROP)
    async with opened.client() as client:
        await client.hello()
        assert await client.mail() == "451 4.4.1 down"
    assert opened.hop.taken == []


async def test_a_replay_may_differ_in_words(gate: Opening) -> None:
    opened = await gate(flow=honest)
    opened.hop.answers["MAIL"] += [b"250 2.1.0 Ok session 1\r\n", b"250 2.1.0 Ok session 2\r\n"]
    opened.hop.answers["DATA"].append(DROP)
    async with opened.client() as client:
        await client.hello()
        assert (await client.mail()).startswith("250")


@pytest.mark.parametrize("how", [DROP, ABORT, b"garbage\r\n"])
async def test_after_the_dot_nothing_is_sent_again(gate: Opening, how: bytes) -> None:
    opened = await gate(flow=honest)
    opened.hop.answers["message"].append(how)
    async with opened.client() as client:
        await client.hello()
        assert await client.mail() == "451 4.4.2 lost"
        assert len(opened.hop.taken) == 1
        assert await client.mail() == "250 2.0.0 Ok: queued"
    assert len(opened.hop.taken) == 2


@pytest.mark.parametrize(
    ("verb", "expected"),
    [("MAIL", "451"), ("RCPT", "451"), ("DATA", "451 4.4.1 down"), ("message", "451 4.4.2 lost")],
)
async def test_a_hop_that_stalls_is_an_honest_451_in_time(gate: Opening, verb: str, expected: str) -> None:
    opened = await gate(flow=honest, hop={"timeout": 0.2})
    opened.hop.default[verb] = STALL
    async with opened.client() as client:
        await client.hello()
        replies = []
        for line in ("MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "DATA", "hi\r\n."):
            replies.append(await client.say(line))
            if not replies[-1].startswith(("250", "354")):
                break
        assert replies[-1].startswith(expected)


async def test_a_hop_that_dies_within_a_large_body(gate: Opening) -> None:
    opened = await gate(flow=honest)
    opened.hop.answers["body"].append(DROP)
    async with opened.client() as client:
        await client.hello()
        assert (await client.mail(b"x" * 998 + b"\r\n" + (b"y" * 998 + b"\r\n") * 9000)).startswith("451")
        assert (await client.say("NOOP")).startswith("250")
    assert opened.hop.taken == []


async def test_a_subset_is_said_again(gate: Opening) -> None:
    async def flow(transaction: Transaction) -> Reply:
        return await transaction.deliver(transaction.message, transaction.envelope.recipients[1:])

    opened = await gate(flow=flow)
    opened.hop.answers["RCPT"].append(b"550 5.1.1 no\r\n")
    async with opened.client() as client:
        await client.hello()
        assert (await client.say("MAIL FROM:<a@b.example> RET=FULL")).startswith("250")
        assert (await client.say("RCPT TO:<gone@d.example>")).startswith("550")
        assert (await client.say("RCPT TO:<inside@d.example>")).startswith("250")
        assert (await client.say("RCPT TO:<outside@d.example> NOTIFY=NEVER")).startswith("250")
        assert (await client.say("DATA")).startswith("354")
        assert (await client.say("hi\r\n.")).startswith("250")
    [taken] = opened.hop.taken
    assert taken.mail == b"MAIL FROM:<a@b.example> RET=FULL"
    assert taken.rcpts == [b"RCPT TO:<outside@d.example> NOTIFY=NEVER"]
    recipients = opened.transactions[0].envelope.recipients
    assert [recipient.address for recipient in recipients] == ["inside@d.example", "outside@d.example"]


async def test_the_client_goes_and_the_mail_goes_on(gate: Opening) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def flow(transaction: Transaction) -> Reply:
        begun.set()
        await go.wait()
        return await transaction.deliver(transaction.message)

    opened = await gate(flow=flow)
    async with opened.client() as client:
        await client.hello()
        await client.begin()
        await client.send(b"hi\r\n.\r\n")
        await begun.wait()
        client.writer.transport.abort()
    go.set()
    [taken] = await opened.hop.until_taken()
    assert taken.data == b"hi\r\n"


async def test_a_half_closed_client_hears_its_reply(gate: Opening) -> None:
    opened = await gate()
    async with opened.client() as client:
        await client.send(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nhi\r\n.\r\n")
        client.writer.write_eof()
        assert (await client.rest()).endswith("250 2.0.0 Ok: queued\n")


@pytest.mark.parametrize("greeting", [DROP, b"421 4.3.2 busy\r\n", b"554 no\r\n", b"what?\r\n"])
async def test_a_hop_that_does_not_greet(gate: Opening, greeting: bytes) -> None:
    opened = await gate()
    opened.hop.default["greeting"] = greeting
    async with opened.client() as client:
        assert "250-PIPELINING" in await client.hello()
        assert (await client.say("MAIL FROM:<a@b.example>")).startswith("451 4.4.1")
        opened.hop.default.clear()
        assert (await client.mail()).startswith("250")


async def test_a_hop_that_is_down(gate: Opening) -> None:
    opened = await gate(up=False)
    async with opened.client() as client:
        assert "250-PIPELINING" in await client.hello()
        assert (await client.say("MAIL FROM:<a@b.example>")).startswith("451 4.4.1")
        assert not await opened.hops.probe()


async def test_a_session_is_lent_to_one_after_the_other(gate: Opening) -> None:
    opened = await gate()
    for _ in range(5):
        async with opened.client() as client:
            await client.hello("HELO")
            assert (await client.mail()).startswith("250")
    assert len(opened.hop.connections) == 1
    assert len(opened.hop.heard(b"XFORWARD")) == 5


async def test_a_session_with_many_refusals_is_retired(gate: Opening) -> None:
    opened = await gate()
    opened.hop.default["RCPT"] = b"550 5.1.1 no\r\n"
    async with opened.client() as client:
        await client.hello()
        for _ in range(3):
            await client.say("MAIL FROM:<a@b.example>")
            await client.say("RCPT TO:<c@d.example>")
            await client.say("RCPT TO:<e@f.example>")
            assert (await client.say("DATA")).startswith("554 5.5.1")
            assert (await client.say("RSET")).startswith("250")
        assert (await client.say("MAIL FROM:<a@b.example>")).startswith("250")
    assert len(opened.hop.connections) == 2


async def test_idle_sessions_close(gate: Opening) -> None:
    opened = await gate(hop={"max_idle": 0.1})
    async with opened.client() as client:
        await client.hello()
        await client.mail()
        async with asyncio.timeout(5):
            await opened.hop.connections[0].closed.wait()
        assert (await client.mail()).startswith("250")
    assert b"QUIT" in opened.hop.connections[0].lines


async def test_a_hundred_mails_at_a_hop_that_takes_its_time(gate: Opening) -> None:
    release = asyncio.Event()

    async def flow(transaction: Transaction) -> Reply:
        if len(opened.transactions) == 100:
            release.set()
        await release.wait()
        return await transaction.deliver(transaction.message)

    opened = await gate(flow=flow)

    async def one() -> str:
        async with opened.client() as client:
            await client.hello()
            return await client.mail()

    assert set(await asyncio.gather(*[one() for _ in range(100)])) == {"250 2.0.0 Ok: queued"}
    assert len(opened.hop.taken) == 100

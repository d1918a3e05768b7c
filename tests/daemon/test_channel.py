"""The control channel: whole messages in order, and an end that is noticed."""

from __future__ import annotations

import asyncio
import socket

from mailguard.daemon.channel import Channel, pack, unpack


async def pair() -> tuple[Channel, Channel]:
    one, two = socket.socketpair()
    return await Channel.over(one), await Channel.over(two)


async def test_words_cross_whole_and_in_order() -> None:
    ours, theirs = await pair()
    words = [{"do": "metrics", "id": 1}, {"is": "metrics", "figures": [["x", "é" * 100_000, "counter", []]]}]
    for word in words:
        ours.say(word)
    ours.close()
    assert [word async for word in theirs.words()] == words
    theirs.close()


async def test_half_a_word_at_the_end_is_no_word() -> None:
    one, two = socket.socketpair()
    theirs = await Channel.over(two)
    one.sendall(b'{"do":"drain"}\n{"do":')
    one.close()
    assert [word async for word in theirs.words()] == [{"do": "drain"}]
    theirs.close()


async def test_speaking_to_one_who_is_gone_raises_nothing() -> None:
    ours, theirs = await pair()
    theirs.close()
    await asyncio.sleep(0)
    for _ in range(10):
        ours.say({"do": "metrics"})
        await ours.said()
    ours.close()


def test_a_packed_configuration_is_equal() -> None:
    assert unpack(pack({"a": (1, "b")})) == {"a": (1, "b")}

"""What the front takes at most: clients, errors, recipients; what is over gets a 4xx at once."""

from __future__ import annotations

from dataclasses import replace

from mailguard.smtp.settings import Limits
from tests.smtp.conftest import Opening


async def test_the_whole_and_each_client_are_limited(gate: Opening) -> None:
    opened = await gate(limits=Limits(idle=20.0, connections=2))
    async with opened.client() as one, opened.client() as two:
        await one.hello()
        await two.hello()
        assert opened.front.sessions == 2
        async with opened.client() as three:
            assert (await three.rest()).startswith("421 4.3.2")
        assert (await one.mail()).startswith("250")
        assert (await two.say("QUIT")).startswith("221")
        await two.rest()
    each = await gate(limits=Limits(idle=20.0, connections_per_client=1))
    async with each.client() as one:
        await one.hello()
        async with each.client() as two:
            assert (await two.rest()).startswith("421 4.7.0")


async def test_a_limit_a_client_that_a_reload_sets_counts_who_is_there_alone(gate: Opening) -> None:
    opened = await gate(limits=Limits(idle=20.0))
    front = opened.front

    def limited(each: int) -> None:
        front.adopt(replace(front.settings, limits=Limits(idle=20.0, connections_per_client=each)), front.hops)

    async with opened.client() as one:
        await one.hello()
        limited(1)
        async with opened.client() as two:
            assert (await two.rest()).startswith("421 4.7.0")
        limited(0)
        assert (await one.say("QUIT")).startswith("221")
        await one.rest()
    limited(1)
    async with opened.client() as one:
        assert "250" in (await one.hello())


async def test_too_many_errors(gate: Opening) -> None:
    opened = await gate(limits=Limits(idle=20.0, errors=3))
    async with opened.client() as client:
        await client.hello()
        for _ in range(2):
            assert (await client.say("WHAT")).startswith("500")
        assert (await client.say("WHAT")).startswith("500")
        assert (await client.rest()).startswith("421 4.7.0")


async def test_too_many_recipients(gate: Opening) -> None:
    opened = await gate(limits=Limits(idle=20.0, recipients=2))
    async with opened.client() as client:
        await client.hello()
        await client.send(b"MAIL FROM:<a@b.example>\r\n" + b"RCPT TO:<c@d.example>\r\n" * 4 + b"DATA\r\n")
        heard = [(await client.hear())[:9] for _ in range(6)]
        assert heard == ["250 2.1.0", "250 2.1.5", "250 2.1.5", "452 4.5.3", "452 4.5.3", "354 End d"]

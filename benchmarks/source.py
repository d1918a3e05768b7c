"""Sends mails of which no two are alike: what smtp-source, which sends one mail again and again, cannot.

    .venv/bin/python benchmarks/source.py PORT SESSIONS MAILS [--size 2048]

Each mail is a new connection, as with smtp-source; its text is sentences put together anew of some three hundred words.
Its own CPU is nobody's: read the CPU of the subject.
"""

from __future__ import annotations

import argparse
import asyncio
import random

_TEXT = """
    a able about after again all along already also always and another any are area around as ask at away back bad
    before began behind being below bench better between bin both bridge bring broken brown build bus but by call
    came can car care centre chance change children clear close cold come complaint cost could council cross cut
    dark date day dear did dog done door down drain drive during each early east easy edge end enough even evening
    every far fast fell fence few field find fine first flood for found free friday from front full garden gate gave
    get give glad go good grass great green ground had half hall hand has have he head hear heard help her here high
    hill him hold home hope hour house how if in into is it just keep kept kind know large last late lane learn
    leave left less letter library light like line list litter little live long look lost low made main make many
    march market may me mean meet meeting might mile mind monday more morning most move much must my name near need
    never new next night no noise north not note now number of off office officer often old on once one only open or
    other our out outside over own park part past path pay people place plan please point pool post price put
    question quite rain read ready real reason repair reply report rest right river road room round rubbish run safe
    said same saturday saw say school see seen send shall she shop short should show side sign since site small so
    some soon south speak station stay still stop street such summer sure take talk team tell than thank that the
    their them then there these they thing think this those though three through time to today together told too
    took top town traffic tree tuesday two under until up us use very view visit wait walk wall want ward was water
    way we wednesday week well went west were what when where which while white who why will window winter with
    without woman wood work would write year yes yesterday yet you your
"""
WORDS = _TEXT.split()
HEAD = (
    "From: Amara Okoro <cllr@council.example>\r\nTo: <resident@example.net>\r\nSubject: About your letter\r\n"
    "Message-ID: <{number}@council.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
)


def mail(dice: random.Random, size: int) -> bytes:
    """About `size` bytes that were never sent before."""
    text = HEAD.format(number=dice.randrange(10**12))
    while len(text) < size:
        text += " ".join(dice.choices(WORDS, k=dice.randrange(6, 15))).capitalize() + ".\r\n"
    return text.encode()


async def one(port: int, data: bytes) -> None:
    """One connection, one mail; raises RuntimeError where a reply is not what it should be.

    Words put together by chance make a policy object to one in some hundred mails.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    said = (b"EHLO bench.example", b"MAIL FROM:<cllr@council.example>", b"RCPT TO:<resident@example.net>", b"DATA")
    due = (b"220", b"250", b"250", b"250", b"354", (b"250", b"550"), b"221")
    for line, code in zip((b"", *said, data + b".", b"QUIT"), due, strict=True):
        if line:
            writer.write(line + b"\r\n")
        while (reply := await reader.readline())[3:4] == b"-":
            pass
        if not reply.startswith(code):
            raise RuntimeError(f"{reply[:60]!r} where {code!r} was due")
    writer.close()


async def send(port: int, sessions: int, mails: int, size: int) -> None:
    """All of them, `sessions` at a time."""
    dice = random.Random()  # noqa: S311
    waiting = [mail(dice, size) for _ in range(mails)]

    async def session() -> None:
        while waiting:
            await one(port, waiting.pop())

    await asyncio.gather(*(session() for _ in range(sessions)))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("sessions", type=int)
    parser.add_argument("mails", type=int)
    parser.add_argument("--size", type=int, default=2048)
    chosen = parser.parse_args()
    asyncio.run(send(chosen.port, chosen.sessions, chosen.mails, chosen.size))


if __name__ == "__main__":
    main()

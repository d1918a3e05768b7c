"""The dialogues under dialogues/, each fed line by line, whole, and byte by byte: the replies must be the same.

A dialogue is a text: `C:` a client's line, `S:` the reply it must get, `H:` what the next hop is told to answer
(verb, then reply), `O:` what the hop offers, `D:` a message the hop must have taken (its lines joined by `|`),
`!closed` where the front must have closed. In client lines `\\r`, `\\n`, `\\0` and `\\xNN` are bytes, and a line that
ends in `\\` has no CRLF.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.peers.next_hop import EVERYTHING
from tests.smtp.conftest import Opening

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("*.txt"))


class Dialogue:
    def __init__(self, path: Path) -> None:
        self.steps: list[tuple[bytes, str]] = []  # what the client sends, all that it must hear before its next line
        self.answers: list[tuple[str, bytes]] = []
        self.offers = EVERYTHING
        self.taken: list[bytes] = []
        self.closed = False
        sent, heard = b"", ""
        for line in path.read_text().splitlines():
            mark, text = line[:2], line[3:]
            if mark == "C:":
                if heard:
                    self.steps.append((sent, heard))
                    sent, heard = b"", ""
                sent += _bytes(text)
            elif mark == "S:":
                heard += text + "\n"
            elif mark == "H:":
                verb, _, answer = text.partition(" ")
                self.answers.append((verb, answer.replace("|", "\r\n").encode() + b"\r\n"))
            elif mark == "O:":
                self.offers = () if text == "nothing" else tuple(text.split(", "))
            elif mark == "D:":
                self.taken.append(b"".join(part.encode() + b"\r\n" for part in text.split("|")) if text else b"")
            elif line == "!closed":
                self.closed = True
            else:
                assert not line or line.startswith("#"), f"{path.name}: {line}"
        self.steps.append((sent, heard))


def _bytes(text: str) -> bytes:
    data = text.encode("utf-8").decode("unicode_escape").encode("latin-1") if "\\" in text[:-1] else text.encode()
    return data[:-1] if text.endswith("\\") else data + b"\r\n"


@pytest.mark.parametrize("how", ["line by line", "whole", "byte by byte"])
@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
async def test_dialogue(path: Path, how: str, gate: Opening) -> None:
    dialogue = Dialogue(path)
    opened = await gate(offers=dialogue.offers)
    for verb, answer in dialogue.answers:
        opened.hop.answers[verb].append(answer)
    expected = "".join(heard for _, heard in dialogue.steps)
    async with opened.client() as client:
        heard = ""
        if how == "line by line":
            for sent, replies in dialogue.steps:
                await client.send(sent)
                lines = heard.count("\n") + replies.count("\n")
                while heard.count("\n") < lines and (reply := await client.hear()):
                    heard += reply + "\n"
        else:
            everything = b"".join(sent for sent, _ in dialogue.steps)
            for at in range(0, len(everything), 1 if how == "byte by byte" else len(everything)):
                client.writer.write(everything[at : at + 1] if how == "byte by byte" else everything)
                if how == "byte by byte":
                    await asyncio.sleep(0)
            while heard.count("\n") < expected.count("\n") and (reply := await client.hear()):
                heard += reply + "\n"
        assert heard == expected
        if dialogue.closed:
            assert await client.rest() == ""
        else:
            assert (await client.say("NOOP")).startswith("250")
    assert [taken.data for taken in opened.hop.taken] == dialogue.taken


def test_there_are_dialogues() -> None:
    assert len(DIALOGUES) >= 10

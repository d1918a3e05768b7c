"""Random damage to our own mails: what the standard library still reads is read, or the mail is malformed."""

# ruff: noqa: E501  specimen lines stay as mail programs write them

from __future__ import annotations

import email
import email.policy
import random
import re

import pytest

from mailguard.mail.body import text_parts
from mailguard.mail.mime import parse
from tests.mail.specimens import ALL, BOUNCE, SIGNED

WORD = re.compile(r"[a-z]{4,}")
TAG = re.compile(r"<[^<>]*(?:>|$|(?=<))")
KNOWN = frozenset(("heron", "otter", "stoat", "badger", "weasel", "marten", "walrus"))
FRAGMENTS = (
    b"\r\n", b"\r\n\r\n", b"--outer", b"--outer--\r\n", b"--inner\r\n", b"--inner--", b"Content-Type: text/plain\r\n",
    b"Content-Type: multipart/mixed; boundary=x\r\n", b"Content-Transfer-Encoding: base64\r\n", b"no colon here\r\n", b" ", b":",
    b"\x00", b"=", b'"', b";", b"boundary=", b"\t", b"\n", b"--", b"Subject : x\r\n", b"Content-Type: message/rfc822\r\n",
)  # fmt: skip


def damaged(data: bytes, random_: random.Random) -> bytes:
    for _ in range(random_.randint(1, 4)):
        at = random_.randrange(len(data))
        choice = random_.random()
        if choice < 0.4:
            data = data[:at] + random_.choice(FRAGMENTS) + data[at:]
        elif choice < 0.7:
            data = data[:at] + data[at + random_.randint(1, 40) :]
        elif choice < 0.85:
            lines = data.split(b"\r\n")
            row = random_.randrange(len(lines))
            lines.insert(random_.randrange(len(lines)), lines[row])
            data = b"\r\n".join(lines)
        else:
            data = data[:at] + bytes([random_.randrange(256)]) + data[at + 1 :]
    return data


def standard(data: bytes) -> set[str]:
    """Known words in the decoded leaves the standard library's parser gives (what stands inside a tag is not shown)."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    found: set[str] = set()
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            text = payload.decode("latin-1").lower()
            found |= set(WORD.findall(TAG.sub("", text) if part.get_content_type() == "text/html" else text))
    return found & KNOWN


def ours(data: bytes) -> tuple[set[str], bool]:
    structure = parse(data)
    body = text_parts(structure)
    words = {word for text in body.texts for word in WORD.findall(text.content.lower())}
    # The standard library joins the lines of what it cannot decode.
    words |= {word for text in body.texts for word in WORD.findall("".join(text.content.lower().split("\n")))}
    for leaf in structure.documents:
        words |= set(WORD.findall(leaf.data().decode("latin-1").lower()))
    return words, bool(structure.defects or body.defects)


@pytest.mark.parametrize("seed", range(4))
def test_no_word_is_lost_without_a_defect(seed: int) -> None:
    random_ = random.Random(seed)
    lost = []
    for round_ in range(500):
        data = damaged(random_.choice((*ALL, SIGNED, BOUNCE)), random_)
        found, malformed = ours(data)
        missing = standard(data) - found
        if missing and not malformed:
            lost.append((round_, missing, data))
    assert lost == []


def test_the_damage_is_real() -> None:
    random_ = random.Random(7)
    outcomes = [ours(damaged(random_.choice(ALL), random_))[1] for _ in range(300)]
    assert 30 < sum(outcomes) < 270

"""Uuencoded files inside a text."""

from __future__ import annotations

import binascii

from mailguard.mail.readers.outline import outline
from mailguard.mail.uuencode import files

DATA = bytes(range(256)) * 3


def block(data: bytes, end: bytes = b"`\r\nend\r\n") -> bytes:
    lines = [binascii.b2a_uu(data[at : at + 45]).rstrip(b"\n") for at in range(0, len(data), 45)]
    return b"begin 644 list of people.csv\r\n" + b"\r\n".join(lines) + b"\r\n" + end


def test_a_file_comes_out() -> None:
    [found] = files(b"Hello,\r\n" + block(DATA) + b"Bye\r\n")
    assert (found.name, found.data, found.complete) == ("list of people.csv", DATA, True)


def test_two_files_and_one_without_an_end() -> None:
    one, two = files(block(DATA) + block(DATA[:90], b""))
    assert (one.complete, two.complete, two.data) == (True, False, DATA[:90])


def test_ordinary_words_are_no_file() -> None:
    assert files(b"Let us begin 644 things\r\nbegin 644 x\r\nnot uuencoded, these words\r\n") == []
    assert files(b"begin 644 x\r\n" * 20_000) == []


def test_more_files_in_a_text_than_are_read_are_malformed() -> None:
    """Each takes its time, and each is weighed against all before it."""
    found = outline(b"Subject: a\r\n\r\n" + b"begin 644 a\r\n#86%A\r\nend\r\n" * 1001)
    assert len(found.documents) == 1000
    assert "more parts, or deeper ones, than are read" in found.contents.defects

"""Dots, line ends and the end of data, whole and in any pieces."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailguard.smtp import wire
from mailguard.smtp.wire import Unstuffer, clean, stuffed, stuffed_whole

SOUP = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"a", b"\0", b"..", b"\r\n.\r\n", b"\r\n.", b" "])).map(
    b"".join
)
LINES = st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a", b"a.", b"\xff"])).map(
    lambda lines: b"".join(line + b"\r\n" for line in lines)
)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    return [*pieces, data[at:]]


def taken(pieces: list[bytes]) -> tuple[bytes, bytes, Unstuffer]:
    unstuffer, data, rest = Unstuffer(), b"", b""
    for piece in pieces:
        if unstuffer.ended:
            rest += piece
            continue
        more, rest = unstuffer.feed(piece)
        data += more
    return data, rest, unstuffer


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a\r\n", True),
        (b"", True),
        (b"a\n", False),
        (b"a\r", False),
        (b"\n", False),
        (b"a\r\r\n", False),
        (b"a\r\n\n", False),
        (b"a\0\r\n", False),
        (b"caf\xc3\xa9\r\n\x0b", True),
    ],
)
def test_clean(data: bytes, expected: bool) -> None:
    assert clean(data) is expected


@given(SOUP, st.integers(0, 12), st.sampled_from([b"a", b"a\r\n", b"ab\r\n"]))
def test_clean_is_the_same_across_the_pieces_it_compares(data: bytes, before: int, filling: bytes) -> None:
    long = filling * (wire._PIECE // len(filling) + 1)
    whole = long[: wire._PIECE - before] + data + long
    bare = re.search(rb"\r(?!\n)|(?<!\r)\n|\0", whole)
    assert clean(whole) is (bare is None)


@given(SOUP, st.lists(st.integers(0, 5)))
def test_what_is_clean_does_not_depend_on_the_pieces(data: bytes, sizes: list[int]) -> None:
    whole, rest, first = taken([data])
    again, rest_again, second = taken(cut(data, sizes))
    assert (first.ended, first.broken) == (second.ended, second.broken)
    if first.ended:
        assert (whole, rest) == (again, rest_again)


@given(SOUP)
def test_only_crlf_dot_crlf_ends(data: bytes) -> None:
    _, _, unstuffer = taken([data])
    assert unstuffer.ended == (data.startswith(b".\r\n") or b"\r\n.\r\n" in data)


@given(SOUP)
def test_broken_means_not_clean(data: bytes) -> None:
    got, _, unstuffer = taken([data])
    if unstuffer.ended:
        end = 0 if data.startswith(b".\r\n") else data.index(b"\r\n.\r\n") + 2
        assert unstuffer.broken == (not clean(data[:end]))
        if not unstuffer.broken:
            assert clean(got)


@given(LINES, st.lists(st.integers(0, 7)), st.lists(st.integers(0, 7)))
def test_there_and_back(message: bytes, out: list[int], back: list[int]) -> None:
    wire = b"".join(stuffed(cut(message, out)))
    assert wire == stuffed_whole(message)
    assert wire.endswith(b".\r\n")
    got, rest, unstuffer = taken(cut(wire + b"QUIT\r\n", back))
    assert unstuffer.ended
    assert not unstuffer.broken
    assert (got, rest) == (message, b"QUIT\r\n")


@pytest.mark.parametrize("bad", [b"a\n", b"a\rb\r\n", b"a", b"a\r", b"\0\r\n", b"a\r\n.\n", b"a\n.\r\n", b"a\r\nb"])
def test_the_exit_asserts_the_strict_wire(bad: bytes) -> None:
    with pytest.raises(ValueError, match="CR"):
        stuffed_whole(bad)
    for sizes in ([], [1], [2], [1] * 9):
        with pytest.raises(ValueError, match="CR"):
            b"".join(stuffed(cut(bad, sizes)))


def test_nothing_of_a_broken_message_ends_in_a_dot() -> None:
    pieces = stuffed([b"fine\r\n", b"a\n.\r\n", b"MAIL FROM:<x>\r\n"])
    assert next(pieces) == b"fine"
    with pytest.raises(ValueError, match="CR"):
        next(pieces)

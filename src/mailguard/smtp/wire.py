"""The bytes of a message on the wire: line ends, dots, and the end of data.

Law (strict wire): every CR is followed by LF and every LF preceded by CR, there is no NUL, and CRLF.CRLF alone ends a
message (RFC 5321, 2.3.8 and 4.1.1.4). All other forms that some servers take for an end are refused: SMTP smuggling.

Line ends are compared as numpy's arrays, which takes a fifth of what two expressions take, however short the lines are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy

_CR, _LF = 13, 10
_PIECE = 32 * 1024
"""Bytes that are compared at once: what stays in the processor's cache."""
_DOT = re.compile(rb"\n\.")
_END = b"\r\n.\r\n"


def clean(data: bytes) -> bool:
    """True if `data` has whole CRLF line ends only, and no NUL. It neither begins nor ends within a CRLF."""
    if b"\0" in data or data[:1] == b"\n" or data[-1:] == b"\r":
        return False
    whole = numpy.frombuffer(data, numpy.uint8)
    for at in range(0, len(data), _PIECE):
        piece = whole[at : at + _PIECE + 1]  # one byte more: a CRLF may lie across two pieces
        if (piece[1:] == _LF).tobytes() != (piece[:-1] == _CR).tobytes():
            return False
    return True


def stuffed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A message's pieces as they go on the wire: a dot doubled at each line's begin, then the final dot.

    Raises ValueError before the final dot where the strict wire is broken or the message does not end in CRLF.
    """
    carry, skip = b"\r\n", 2  # as if a line had just ended: a dot at the very begin is a line's first
    for piece in pieces:
        data = carry + piece
        keep = _seam(data)
        carry, data = data[len(data) - keep :], data[: len(data) - keep]
        if not data:
            continue
        if not clean(data):
            raise ValueError("bare CR, bare LF or NUL")
        if _DOT.search(data):
            data = data.replace(b"\r\n.", b"\r\n..")
        if skip:
            data, skip = data[skip:], 0
        yield data
    if carry != b"\r\n":
        raise ValueError("a message ends in CRLF")
    yield b".\r\n" if skip else b"\r\n.\r\n"


def stuffed_whole(data: bytes) -> bytes:
    """A small message as it goes on the wire, final dot included. Raises ValueError as `stuffed` does."""
    if not clean(data) or (data and not data.endswith(b"\r\n")):
        raise ValueError("bare CR, bare LF or NUL, or no CRLF at the end")
    if _DOT.search(data):
        data = data.replace(b"\r\n.", b"\r\n..")
    return b".%b.\r\n" % data if data[:1] == b"." else data + b".\r\n"


def _seam(data: bytes) -> int:
    """How many bytes at the end may be the begin of something that a dot rule looks at (CRLF, then a dot)."""
    return 2 if data.endswith(b"\r\n") else 1 if data.endswith(b"\r") else 0


class Unstuffer:
    """Finds the end of data in a stream of pieces and undoes the dots. Each byte is looked at once.

    At most four bytes are kept back between pieces, so that CRLF.CRLF is found across their seams.
    """

    __slots__ = ("_carry", "_skip", "broken", "ended")

    def __init__(self) -> None:
        self._carry = b"\r\n"  # as if a line had just ended: `.CRLF` alone is an empty message
        self._skip = 2
        self.broken = False  # a bare CR, a bare LF or a NUL was seen
        self.ended = False

    def feed(self, piece: bytes) -> tuple[bytes, bytes]:
        """(message bytes now certain, what came after the end of data)."""
        data, rest = self._carry + piece, b""
        end = data.find(_END)
        if end >= 0:
            self.ended = True
            data, rest = data[: end + 2], data[end + 5 :]
        else:
            keep = 4 if data.endswith(b"\r\n.\r") else 3 if data.endswith(b"\r\n.") else _seam(data)
            self._carry, data = data[len(data) - keep :], data[: len(data) - keep]
        if not data:
            return b"", rest
        if not self.broken and not clean(data):
            self.broken = True
        if _DOT.search(data):
            data = data.replace(b"\r\n.", b"\r\n")
        if self._skip:
            data, self._skip = data[2:], 0
        return data, rest

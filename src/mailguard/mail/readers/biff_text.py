"""Records of Excel's binary files and the strings in them. Law: a string that goes on in the next record is one.

MS-XLS 2.1.4 (records), 2.5.293 (XLUnicodeRichExtendedString) and 2.4.58 (CONTINUE).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_RICH, _EXTENDED = 0x08, 0x04


def records(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Records as (offset, type, body)."""
    at = 0
    while at + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, at)
        yield at, kind, data[at + 4 : at + 4 + length]
        at += 4 + length


class Cursor:
    """Reads strings one after another over a record and those that continue it."""

    def __init__(self, parts: list[bytes], at: int) -> None:
        self._parts, self._part, self._at = parts, 0, at

    @property
    def done(self) -> bool:
        """True where nothing is left."""
        return self._part >= len(self._parts) - 1 and self._at >= len(self._parts[-1])

    def string(self) -> str:
        """The next string. Raises struct.error or IndexError where it is cut short."""
        length, flag = struct.unpack("<HB", self._take(3))
        runs = struct.unpack("<H", self._take(2))[0] if flag & _RICH else 0
        extra = struct.unpack("<I", self._take(4))[0] if flag & _EXTENDED else 0
        text = self._characters(length, flag & 1)
        self._take(4 * runs + extra)
        return text

    def _take(self, count: int) -> bytes:
        taken = b""
        while count > 0:
            left = self._parts[self._part][self._at : self._at + count]
            taken += left
            count -= len(left)
            self._at += len(left)
            if count:
                self._part, self._at = self._part + 1, 0
        return taken

    def _characters(self, count: int, wide: int) -> str:
        """Characters; where they go on in the next record, its first byte says anew how wide they are."""
        pieces: list[str] = []
        while count:
            left = self._parts[self._part][self._at : self._at + count * (1 + wide)]
            got = len(left) >> wide
            pieces.append(left[: got << wide].decode("utf-16-le" if wide else "latin-1", "replace"))
            count -= got
            self._at += got << wide
            if count:
                self._part, self._at = self._part + 1, 1
                wide = self._parts[self._part][0] & 1
        return "".join(pieces)

"""Words in the drawings of doc, xls and ppt files: WordArt, descriptions, tips. Law: they are text like any other.

MS-ODRAW 2.2.9 (tables of properties) and 2.3 (their numbers). The tables are found by their marks, so drawings that
are cut into pieces, or stand where no parser looks, are read as well.
"""

from __future__ import annotations

import struct

_TABLES = (b"\x0b\xf0", b"\x21\xf1", b"\x22\xf1")
# The text of WordArt, the file of a picture, a description, a tip.
_WORDS = frozenset({0x00C0, 0x0105, 0x0381, 0x038D})
_COMPLEX = 0x8000


def words(data: bytes) -> str:
    """All words of properties in `data`, a line each, each once."""
    found: dict[str, None] = {}
    for mark in _TABLES:
        at = data.find(mark)
        while at >= 0:
            if at >= 2:
                found.update(dict.fromkeys(_table(data, at - 2)))
            at = data.find(mark, at + 1)
    return "\n".join(found)


def _table(data: bytes, at: int) -> list[str]:
    """The words of the table whose header is at `at`; none where there is no table."""
    if at + 8 > len(data):
        return []
    head, length = struct.unpack_from("<H2xI", data, at)
    count, start = head >> 4, at + 8
    place, stop = start + 6 * count, start + length
    if head & 0xF != 3 or not count or place > stop or stop > len(data):
        return []
    said = []
    for number in range(count):
        name, size = struct.unpack_from("<HI", data, start + 6 * number)
        if name & _COMPLEX:
            if name & 0x3FFF in _WORDS and place + size <= stop:
                said.append(data[place : place + size].decode("utf-16-le", "replace").partition("\0")[0])
            place += size
    return [text for text in said if len(text.strip()) > 1]

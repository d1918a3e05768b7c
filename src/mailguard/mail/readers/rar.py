"""Which files of a rar archive are locked. Law: only headers are read; a flag in a header is enough, a guess is not.

libarchive does not tell it: an encrypted file comes out as damage or as noise. RAR 5.0 archive format; TechNote of
RAR 3 (block types 0x73 to 0x7B).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

MARK, MARK5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_FILE, _ENCRYPTION, _END = 2, 4, 5
_EXTRA, _DATA = 0x01, 0x02
_OLD_HEAD, _OLD_FILE, _OLD_END = 0x73, 0x74, 0x7B
_OLD_LONG, _OLD_LARGE, _OLD_PASSWORD, _OLD_HEADERS = 0x8000, 0x0100, 0x0004, 0x0080


def locked(data: bytes) -> list[bool]:
    """For each file of the archive in order, whether a password locks it; [True] where the headers are locked too."""
    found: list[bool] = []
    try:
        for lock in _files5(data) if data.startswith(MARK5) else _files(data) if data.startswith(MARK) else ():
            found.append(lock)
    except (IndexError, struct.error):
        pass
    return found


def _files5(data: bytes) -> Iterator[bool]:
    at = len(MARK5)
    while at + 7 < len(data):
        size, start = _number(data, at + 4)
        if not size:
            return
        kind, place = _number(data, start)
        flags, place = _number(data, place)
        extra = packed = 0
        if flags & _EXTRA:
            extra, place = _number(data, place)
        if flags & _DATA:
            packed, place = _number(data, place)
        if kind == _ENCRYPTION:
            yield True
            return
        if kind == _END:
            return
        stop = start + size
        if kind == _FILE:
            yield any(record == 1 for record in _records(data, stop - extra, stop))
        at = stop + packed


def _records(data: bytes, at: int, stop: int) -> Iterator[int]:
    """The kinds of the extra records of a header: 1 is encryption."""
    while at < stop:
        size, start = _number(data, at)
        yield _number(data, start)[0]
        at = start + max(1, size)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A variable-length number and the place after it."""
    value = 0
    for shift in range(0, 64, 7):
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            break
    return value, at


def _files(data: bytes) -> Iterator[bool]:
    at = len(MARK)
    while at + 7 <= len(data):
        kind, flags, size = struct.unpack_from("<BHH", data, at + 2)
        packed = struct.unpack_from("<I", data, at + 7)[0] if flags & _OLD_LONG or kind == _OLD_FILE else 0
        if kind == _OLD_HEAD and flags & _OLD_HEADERS:
            yield True
            return
        if kind == _OLD_END or size < 7:
            return
        if kind == _OLD_FILE:
            yield bool(flags & _OLD_PASSWORD)
            if flags & _OLD_LARGE:
                packed += struct.unpack_from("<I", data, at + 32)[0] << 32
        at += size + packed

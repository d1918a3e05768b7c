"""Files uuencoded inside a text. Law: what cannot be decoded stays text; nothing is taken out of it.

Source: POSIX `uuencode` (historical algorithm).
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field

_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?$", re.MULTILINE)


@dataclass(frozen=True)
class UuFile:
    """One file: its `name`, decoded `data`, offsets of its block in the text, and whether `end` was seen."""

    name: str
    data: bytes = field(repr=False)
    start: int
    stop: int
    complete: bool


def files(text: bytes) -> list[UuFile]:
    """Every uuencoded block in `text`, in order. Linear; never raises."""
    found: list[UuFile] = []
    at = 0
    while begin := _BEGIN.search(text, at):
        data, stop, complete = _block(text, begin.end() + 1)
        if data:
            name = begin.group(1).strip().decode("utf-8", "replace")
            found.append(UuFile(name, data, begin.start(), stop, complete))
        at = max(stop, begin.end())
    return found


def _block(text: bytes, at: int) -> tuple[bytes, int, bool]:
    data = bytearray()
    while at < len(text):
        end = text.find(b"\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end].rstrip(b"\r")
        if line == b"end":
            return bytes(data), end, True
        if line and not _line(line, data):
            return bytes(data), at, False
        at = end + 1
    return bytes(data), len(text), False


def _line(line: bytes, data: bytearray) -> bool:
    if not 32 <= line[0] <= 96 or len(line) > 90:
        return False
    try:
        data += binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders count trailing blanks wrongly: decode what the length byte announces.
        need = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            data += binascii.a2b_uu(line[: need + 1])
        except binascii.Error:
            return False
    return True

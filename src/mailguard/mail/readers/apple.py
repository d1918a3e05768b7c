"""Files as a Mac wraps them: AppleSingle, AppleDouble, MacBinary. Law: the file inside is read by its own kind.

RFC 1740 (AppleSingle and AppleDouble), MacBinary II (1987). A resource fork alone is no text, but for a note in it.
"""

from __future__ import annotations

import struct

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers.document import Reading

_SINGLE = (b"\x00\x05\x16\x00", b"\x00\x05\x16\x07")
_DATA, _NAME, _COMMENT = 1, 3, 4
_HEAD = 128
_ENTRIES = 64


def read(data: bytes, out: Reading) -> None:
    """Read a wrapped file into `out`. Raises Refused."""
    try:
        name, note, content = _single(data) if data.startswith(_SINGLE) else _binary(data)
    except struct.error as error:
        raise Refused(State.BROKEN, "the wrapped file is damaged") from error
    out.text(note, "note")
    if content:
        out.budget.inflate(len(content))
        out.member(name or out.name, content)
    elif not note.strip():
        out.refuse(State.NO_TEXT, "")


def _single(data: bytes) -> tuple[str, str, bytes]:
    entries: dict[int, bytes] = {}
    for number in range(min(struct.unpack_from(">H", data, 24)[0], _ENTRIES)):
        kind, start, size = struct.unpack_from(">III", data, 26 + 12 * number)
        entries[kind] = data[start : start + size]
    name, note = (entries.get(kind, b"").decode("mac_roman").strip("\0") for kind in (_NAME, _COMMENT))
    return name, note, entries.get(_DATA, b"")


def _binary(data: bytes) -> tuple[str, str, bytes]:
    size, more = struct.unpack_from(">II", data, 83)
    note = _HEAD + -(-size // _HEAD) * _HEAD + -(-more // _HEAD) * _HEAD
    length = struct.unpack_from(">H", data, 99)[0]
    name, words = data[2 : 2 + data[1]], data[note : note + length]
    return name.decode("mac_roman"), words.decode("mac_roman"), data[_HEAD : _HEAD + size]

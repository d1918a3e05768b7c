"""What an OpenPGP message holds that is signed, compressed or only wrapped: no key is needed to read it.

Law: broken packets hold nothing. Source: RFC 9580 (4.2: lengths; 5.6: compressed data; 5.9: literal data).
"""

from __future__ import annotations

import bz2
import zlib

from mailguard.mail.crypto_armour import packet

LITERAL, COMPRESSED, SIGNATURE = 11, 8, 2
BESIDE = frozenset({SIGNATURE, 4, 10, 21})  # signatures, their announcements, markers, padding
# First octets of such messages, in old and new form.
STARTS = frozenset(bytes((0x80 | tag << 2 | size,)) for tag in (8, 11, 4, 2) for size in range(4))
STARTS |= frozenset(bytes((0xC0 | tag,)) for tag in (8, 11, 4, 2))
_FORMATS = b"btuml1"
_DEEPEST, _PACKETS = 4, 100


def opened(data: bytes, most: int) -> tuple[str, bytes] | None:
    """The file's name ("" if it has none) and at most about `most` of its bytes; None for anything else."""
    if data[:1] not in STARTS:
        return None
    for _ in range(_DEEPEST):
        found = _content(data)
        if found is None:
            return None
        tag, body = found
        if tag == LITERAL:
            return _literal(body)
        data = _unpacked(body, most)
    return None


def _content(data: bytes) -> tuple[int, bytes] | None:
    """The first packet that holds a file, or other packets."""
    at = 0
    for _ in range(_PACKETS):
        found = packet(data, at) if at < len(data) else None
        if found is None:
            return None
        tag, body, following = found
        if tag == COMPRESSED or (tag == LITERAL and _ends(data, following)):
            return tag, _whole(data, at, body, following)
        if tag not in BESIDE:
            return None
        at = following
    return None


def _ends(data: bytes, following: int) -> bool:
    """A file is the last packet, or its signature follows: text that begins with an accented letter is no message."""
    behind = packet(data, following) if following < len(data) else None
    return following >= len(data) or (behind is not None and behind[0] == SIGNATURE)


def _whole(data: bytes, at: int, body: int, following: int) -> bytes:
    """A packet's body, pieces of a length not known beforehand joined."""
    if data[at] & 0x40 == 0 or not 224 <= data[at + 1] < 255:
        return data[body:following]
    pieces = []
    at += 1
    while at < len(data) and 224 <= data[at] < 255:
        size = 1 << (data[at] & 31)
        pieces.append(data[at + 1 : at + 1 + size])
        at += 1 + size
    if last := packet(b"\xc0" + data[at : at + 6], 0):
        pieces.append(data[at + last[1] - 1 : at + last[2] - 1])
    return b"".join(pieces)


def _unpacked(body: bytes, most: int) -> bytes:
    how, packed = body[:1], body[1:]
    try:
        if how == b"\x01":
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, most)
        if how == b"\x02":
            return zlib.decompressobj().decompress(packed, most)
        if how == b"\x03":
            return bz2.BZ2Decompressor().decompress(packed, most)
    except (zlib.error, OSError):
        return b""
    return packed if how == b"\x00" else b""


def _literal(body: bytes) -> tuple[str, bytes] | None:
    if len(body) < 6 or body[0] not in _FORMATS:
        return None
    start = 2 + body[1]
    return body[2:start].decode("utf-8", "replace"), body[start + 4 :]

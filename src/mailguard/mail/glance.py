"""A large file told by its two ends. Law: what could hold text, be encrypted or be an archive is never told so.

Decoding ten megabytes of base64 to see that they are a film takes longer than all else of the mail. Its first bytes
say so, unless a ZIP directory or a disk image's mark stands at its end (`filetype.ends_in_zip`), it is a program that
may unpack itself, or a padded run in its midst ends what some clients decode. Short lines and junk make the ends hold
less: where they do not reach as far as `filetype` looks, the file is decoded.
"""

from __future__ import annotations

import base64

from mailguard.mail import filetype
from mailguard.mail.crypto_armour import packets_begin
from mailguard.mail.structure import Leaf
from mailguard.mail.transfer import NOT_BASE64, unbase64

SMALLEST = 262_144
ENDS = 98_304  # encoded bytes at each end
REACH = 66_022  # decoded bytes at each end that `filetype.sniff` looks at
_SEALABLE_STARTS = (b"\x30", b"MI", b"-----BEGIN ")
# Told by the first bytes alone: armoured keys are such only where nothing else follows, a program may hold an archive.
_TOLD = filetype.WITHOUT_TEXT - filetype.PROGRAMS - {"empty", "keys"}


def _encoded(mark: bytes) -> tuple[bytes, ...]:
    """The letters that stand for `mark` in base64, by where among three bytes it begins."""
    spans = ((at, -(-at * 8 // 6), (at + len(mark)) * 8 // 6) for at in range(3))
    return tuple(base64.b64encode(bytes(at) + mark + bytes(3))[start:end] for at, start, end in spans)


# What tells a ZIP directory and an Apple disk image, both at the end of a file.
_TAILS = (*_encoded(b"PK\x05\x06"), *_encoded(b"koly"))


def without_text(leaf: Leaf) -> str:
    """The kind of a base64 leaf that has no text ("binary", "mp4", "jpeg"); "" where it must be decoded to know."""
    start, end, data = leaf.start, leaf.end, leaf.buffer
    if leaf.encoding != "base64" or end - start < SMALLEST or 0 <= data.find(b"=", start, end) < end - 8:
        return ""
    head = unbase64(data[start : start + ENDS])
    kind = filetype.sniff(head, leaf.name, leaf.declared)
    if kind not in _TOLD or len(head) < REACH or _sealable(head) or _tailed(data[end - ENDS : end]):
        return ""
    return kind


def _sealable(head: bytes) -> bool:
    # Session keys for many readers are longer than the start: the first of them must do.
    return packets_begin(head) or head.lstrip().startswith(_SEALABLE_STARTS)


def _tailed(encoded: bytes) -> bool:
    """True where the end of the file may be what tells it; junk that decoders pass over does not hide it."""
    letters = NOT_BASE64.sub(b"", encoded)
    return len(letters) * 3 // 4 < REACH or any(mark in letters for mark in _TAILS)

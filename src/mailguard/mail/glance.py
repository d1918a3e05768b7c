"""A large file told by its two ends. Law: what could hold text, be encrypted or be an archive is never told so.

Decoding ten megabytes of base64 to see that they are a film takes longer than all else of the mail. Its first bytes
say so, unless a ZIP directory stands at its end (`filetype.ends_in_zip`), or a padded run in its midst ends what some
clients decode.
"""

from __future__ import annotations

from mailguard.mail import crypto, filetype
from mailguard.mail.structure import Leaf
from mailguard.mail.transfer import NOT_BASE64, unbase64

SMALLEST = 262_144
ENDS = 98_304  # encoded bytes at each end
# "PK" 5 6 in base64, by where among three bytes it begins.
_ZIP_ENDS = (b"UEsFB", b"QSwUG", b"BLBQY")
_SEALABLE_STARTS = (b"\x30", b"MI")


def without_text(leaf: Leaf) -> str:
    """The kind of a base64 leaf that has no text ("binary", "mp4", "jpeg"); "" where it must be decoded to know."""
    start, end, data = leaf.start, leaf.end, leaf.buffer
    if leaf.encoding != "base64" or end - start < SMALLEST or 0 <= data.find(b"=", start, end) < end - 8:
        return ""
    head = unbase64(data[start : start + ENDS])
    kind = filetype.sniff(head, leaf.name, leaf.declared)
    if kind not in filetype.WITHOUT_TEXT or kind == "empty" or _sealable(head) or _zip_at_end(data[end - ENDS : end]):
        return ""
    return kind


def _sealable(head: bytes) -> bool:
    return head.startswith(_SEALABLE_STARTS) or bool(crypto.sealed(head))


def _zip_at_end(encoded: bytes) -> bool:
    """True where a ZIP directory may end the file; junk that decoders pass over does not hide it."""
    letters = NOT_BASE64.sub(b"", encoded)
    return any(mark in letters for mark in _ZIP_ENDS)

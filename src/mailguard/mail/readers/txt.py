"""Plain text in any charset. Law: bytes that claim to be text become text; no charset is a reason not to read."""

from __future__ import annotations

import codecs

from mailguard.mail.contents import State
from mailguard.mail.readers.document import Reading
from mailguard.mail.text_files import packed_files

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes) -> str:
    """Text of `data` by byte order mark, zero pattern (UTF-16), UTF-8, or Windows-1252, in this order."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    head = data[:2000]
    if len(head) >= 8 and head.count(0) > len(head) // 4:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        # Every other byte: zeros in one run are what a program filled up with.
        if min(even, odd) * 4 <= max(even, odd):
            return data.decode("utf-16-be" if even > odd else "utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def read(data: bytes, out: Reading) -> None:
    """Read plain text into `out`, and files packed in it."""
    out.text(decode(data))
    for file in packed_files(data):
        out.member(file.name, file.data)
        if not file.complete:
            out.refuse(State.BROKEN, "a file packed in the text has no end")

"""HTML files. Law: what a browser shows and what it hides are both read, and kept apart."""

from __future__ import annotations

import codecs
import re

from mailguard.mail import html
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.txt import decode

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:-]{2,30})", re.IGNORECASE)


def read(data: bytes, out: Reading) -> None:
    """Read HTML into `out`."""
    page = html.read(source(data))
    out.text(page.text)
    for why, content in page.hidden:
        out.text(content, why, hidden=why)
    for rows in page.tables:
        out.table(rows, len(rows), "table")


def source(data: bytes) -> str:
    """The text of an HTML file, by the charset it names where that is one and no byte order mark says otherwise."""
    found = _CHARSET.search(data[:2048])
    if found and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode(found[1].decode("ascii"), "replace")
        except (LookupError, ValueError):
            pass
    return decode(data)

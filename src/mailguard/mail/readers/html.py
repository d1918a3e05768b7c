"""HTML files. Law: what a browser shows and what it hides are both read, and kept apart."""

from __future__ import annotations

import codecs
import re

from selectolax.lexbor import LexborHTMLParser

from mailguard.mail import html
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.txt import decode

_WORDS = ("alt", "title", "value", "placeholder", "aria-label", "summary")
_SPEAKING = (
    "[alt], [title], input[value], option[value], [placeholder], [aria-label], [summary], iframe[srcdoc], "
    "meta[name=author], meta[name=description], meta[name=keywords], meta[name=subject]"
)
_ADDRESSES = ("http://", "https://")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:-]{2,30})", re.IGNORECASE)


def read(data: bytes, out: Reading) -> None:
    """Read HTML into `out`."""
    text = source(data)
    page = html.read(text)
    out.text(page.text)
    for why, content in page.hidden:
        out.text(content, why, hidden=why)
    if not page.deep:
        out.text(_aside(text), "descriptions and form fields")
    for rows in page.tables:
        out.table(rows, len(rows), "table")


def _aside(text: str) -> str:
    """Words of attributes: what stands for a picture, tips, values of a form, what a page says of itself."""
    found: list[str] = []
    for node in LexborHTMLParser(text).css(_SPEAKING):
        attributes = node.attributes
        keys = ("content",) if node.tag == "meta" else _WORDS
        found += [" ".join(value.split()) for key in keys if (value := attributes.get(key)) and len(value) > 1]
        if frame := attributes.get("srcdoc"):
            found.append(html.read(frame).text)
    return "\n".join(dict.fromkeys(words for words in found if not words.startswith(_ADDRESSES)))


def source(data: bytes) -> str:
    """The text of an HTML file, by the charset it names where that is one and no byte order mark says otherwise."""
    found = _CHARSET.search(data[:2048])
    if found and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode(found[1].decode("ascii"), "replace")
        except (LookupError, ValueError):
            pass
    return decode(data)

"""A large mail, read whole in a reader process.

Law: the mail worker never holds it; each document stays a job of its own.
"""

from __future__ import annotations

from typing import Any

from mailguard.mail.contents import Part, State, Text
from mailguard.mail.limits import Limits
from mailguard.mail.readers import codec, dispatch
from mailguard.mail.readers.document import TEXT_OVER
from mailguard.mail.readers.outline import outline


def mail(data: bytes, limits: Limits) -> dict[str, Any]:
    """The contents of a mail without its documents, and a list of these."""
    found = outline(data)
    contents = found.contents
    texts, over = cut(contents.texts, limits.text)
    parts = list(contents.parts)
    if over:
        parts.append(Part("body", "", "", "text", len(data), State.OVER_LIMIT, TEXT_OVER))
    return {
        "headers": contents.headers.fields,
        "texts": codec.texts(texts),
        "tables": codec.tables(contents.tables),
        "hidden": codec.hidden(contents.hidden),
        "parts": codec.parts(parts),
        "defects": contents.defects,
        "partial": contents.partial,
        "documents": [
            [item.path, item.name, item.declared, item.size, item.attachment, item.kind] for item in found.documents
        ],
    }


def leaf(data: bytes, number: int, limits: Limits) -> dict[str, Any]:
    """Document `number` of a mail, read."""
    found = outline(data).documents[number]
    return codec.encode(dispatch.read_document(found.data(), found.name, found.declared, limits))


def cut(texts: tuple[Text, ...], limit: int) -> tuple[list[Text], bool]:
    """The texts up to `limit` characters in all, and whether anything was cut."""
    kept: list[Text] = []
    for text in texts:
        if len(text.content) > limit:
            kept.append(Text(text.where, text.layer, text.content[:limit], text.hidden, text.part))
            return kept, True
        kept.append(text)
        limit -= len(text.content)
    return kept, False

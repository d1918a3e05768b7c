"""A mail without its documents: texts of the body, and what is attached.

Law: every leaf is a text, or a document to be read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from mailguard.mail import crypto, mime
from mailguard.mail.body import text_parts, thread_of
from mailguard.mail.contents import Contents
from mailguard.mail.glance import without_text
from mailguard.mail.mime_walk import PARTS, TOO_MANY
from mailguard.mail.structure import Leaf
from mailguard.mail.texts import Thread

SIGNED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
DEPTH = 3
INCOMPLETE = "a file packed in a text without its end"


@dataclass(frozen=True)
class Attached:
    """One document of a mail, still packed; `data` decodes it. `kind`: where its ends told that it has no text."""

    path: str
    name: str
    declared: str
    size: int
    attachment: bool
    kind: str
    data: Callable[[], bytes] = field(repr=False)

    @classmethod
    def of(cls, leaf: Leaf) -> Attached:
        """What a leaf of the mail holds."""
        kind = without_text(leaf)
        return cls(leaf.path, leaf.name, leaf.declared, leaf.size, leaf.attachment, kind, leaf.data)


@dataclass(frozen=True)
class Outline:
    """What is read of a mail in its own process, and what is left for the readers of documents."""

    contents: Contents
    documents: tuple[Attached, ...] = ()


def outline(data: bytes, path: str = "", depth: int = 0, around: Thread | None = None) -> Outline:
    """Read a message's structure and texts; what is only signed (S/MIME) is opened. Never raises for any bytes."""
    structure = mime.parse(data, path)
    thread = around or thread_of(structure.headers)
    body = text_parts(structure, thread=thread)
    documents: list[Attached] = []
    inner: list[Outline] = []
    for leaf in structure.documents:
        if depth < DEPTH and leaf.declared in SIGNED and (entity := crypto.inside(leaf.data())) is not None:
            inner.append(outline(entity, leaf.path, depth + 1, thread))
        else:
            documents.append(Attached.of(leaf))
    for place, file in body.files[:PARTS]:
        documents.append(
            Attached(f"{place}/{file.name}", file.name, "", len(file.data), True, "", partial(bytes, file.data))
        )
    defects = (*structure.defects, *body.defects)
    if len(body.files) > PARTS:
        defects = (*defects, TOO_MANY)
    if any(not file.complete for _, file in body.files):
        defects = (*defects, INCOMPLETE)
    contents = Contents(
        headers=structure.headers,
        parts=tuple(body.parts),
        texts=tuple(body.texts),
        tables=tuple(body.tables),
        hidden=tuple(body.hidden),
        defects=defects,
        partial=structure.partial,
    )
    for nested in inner:
        contents = _joined(contents, nested.contents)
        documents += nested.documents
    return Outline(contents, tuple(documents))


def _joined(one: Contents, other: Contents) -> Contents:
    return Contents(
        one.headers,
        one.parts + other.parts,
        one.texts + other.texts,
        one.tables + other.tables,
        one.hidden + other.hidden,
        tuple(dict.fromkeys(one.defects + other.defects)),
        one.partial or other.partial,
    )

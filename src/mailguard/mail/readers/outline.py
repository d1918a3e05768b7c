"""A mail without its documents: texts of the body, and what is attached.

Law: every leaf is a text, or a document to be read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mailguard.mail import mime
from mailguard.mail.body import text_parts
from mailguard.mail.contents import Contents

INCOMPLETE = "a uuencoded file without its end"


@dataclass(frozen=True)
class Attached:
    """One document of a mail, still packed; `data` decodes it."""

    path: str
    name: str
    declared: str
    size: int
    attachment: bool
    data: Callable[[], bytes] = field(repr=False)


@dataclass(frozen=True)
class Outline:
    """What is read of a mail in its own process, and what is left for the readers of documents."""

    contents: Contents
    documents: tuple[Attached, ...] = ()


def outline(data: bytes) -> Outline:
    """Read a message's structure and texts. Never raises for any bytes."""
    structure = mime.parse(data)
    body = text_parts(structure)
    documents = [
        Attached(leaf.path, leaf.name, leaf.declared, leaf.size, leaf.attachment, leaf.data)
        for leaf in structure.documents
    ]
    for path, file in body.files:
        documents.append(
            Attached(f"{path}/{file.name}", file.name, "", len(file.data), True, lambda file=file: file.data)  # type: ignore[misc]
        )
    defects = (*structure.defects, *body.defects)
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
    return Outline(contents, tuple(documents))

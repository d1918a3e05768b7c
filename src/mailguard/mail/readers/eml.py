"""Mails as files (eml, mht, mbox). Law: a mail in a mail is read as a mail: all its texts, all its attachments.

RFC 5322, RFC 2557 (mht), RFC 4155 (mbox).
"""

from __future__ import annotations

import re

from mailguard.mail import mime
from mailguard.mail.body import text_parts
from mailguard.mail.contents import Layer, State
from mailguard.mail.limits import Refused
from mailguard.mail.mime_walk import shown
from mailguard.mail.readers.document import Reading

_FROM = re.compile(rb"^From [^\r\n]{3,200}\d{4}\r?\n", re.M)


def read(data: bytes, out: Reading) -> None:
    """Read one mail, or a mailbox of them. Raises Refused."""
    if out.kind == "mbox":
        starts = [match.start() for match in _FROM.finditer(data)] or [0]
        for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(data)], strict=True), 1):
            out.member(f"mail {number}.eml", data[start:end].partition(b"\n")[2], "message/rfc822")
        return
    structure = mime.parse(data)
    out.text(
        "\n".join(
            f"{key}: {value}" for key, value in structure.headers.fields if key == "subject" or shown(key, value)
        ),
        "header fields",
    )
    body = text_parts(structure, Layer.ATTACHMENT)
    for text in body.texts:
        out.text(text.content, text.where, text.hidden)
    for table in body.tables:
        out.table(table.rows, table.total_rows, table.where, table.hidden)
    for item in body.hidden:
        out.hide(item.what, item.count, item.where)
    for part in body.parts:
        if part.state is not State.READ:
            out.unread(part.name or part.path, part.size, part.state, part.why, part.kind)
    for _, file in body.files:
        out.member(file.name, file.data)
    if structure.defects:
        out.why = "; ".join(structure.defects[:3])
    for leaf in structure.documents:
        try:
            out.member(leaf.name or f"part {leaf.path}", leaf.data(), leaf.declared)
        except Refused as refused:
            if refused.state is State.OVER_LIMIT:
                raise
            out.unread(leaf.name, leaf.size, refused.state, refused.why)

"""Outlook messages (msg). Law: body in all its forms, header, recipients and every attachment, mails in mails included.

MS-OXMSG by python-oxmsg; properties MS-OXPROPS: 0x1009 compressed RTF, 0x1013 HTML.
"""

from __future__ import annotations

import io
from typing import Any

import compressed_rtf
import oxmsg

from mailguard.mail.contents import State
from mailguard.mail.readers import ole
from mailguard.mail.readers.document import Reading


def read(data: bytes, out: Reading) -> None:
    """Read an Outlook message into `out`. Raises Refused."""
    message = oxmsg.Message.load(io.BytesIO(data))
    head = [f"from: {message.sender or ''}", f"subject: {message.subject or ''}"]
    head += [f"to: {person.name} {person.email_address}" for person in message.recipients]
    head += [f"{key}: {value}" for key, value in message.message_headers.items() if key.lower() in {"date", "cc", "to"}]
    out.text("\n".join(head), "header fields")
    out.text(str(message.body or ""))
    html = message.html_body
    if html:
        out.member("body.html", html.encode("utf-8") if isinstance(html, str) else bytes(html), "text/html")
    elif not message.body:
        _rich(message, out)
    for attachment in message.attachments:
        _attachment(attachment, out)
    _mails(data, out)


def _rich(message: Any, out: Reading) -> None:
    packed = message.properties.binary_prop_value(0x1009)
    if packed:
        try:
            plain = compressed_rtf.decompress(bytes(packed))
        except (ValueError, IndexError, TypeError):
            out.refuse(State.BROKEN, "the rich text of the message is broken")
            return
        out.budget.inflate(len(plain))
        out.member("body.rtf", plain, "text/rtf")


def _attachment(attachment: Any, out: Reading) -> None:
    content = attachment.file_bytes
    if content:
        out.budget.inflate(len(content))
        out.member(attachment.file_name or "attachment", bytes(content), attachment.mime_type or "")


def _mails(data: bytes, out: Reading) -> None:
    """Messages attached as storages (PidTagAttachDataObject): their texts by property streams (MS-OXMSG 2.2.2.1)."""
    with ole.opened(data) as file:
        for path in file.listdir(streams=True, storages=False):
            if len(path) < 3 or "__substg1.0_3701000D" not in path:
                continue
            tag = path[-1]
            if tag.endswith(("1000001F", "0037001F", "0C1A001F", "0E04001F", "3001001F", "39FE001F")):
                out.text(ole.stream(file, path, out).decode("utf-16-le", "replace"), "attached message")
            elif tag.endswith(("1000001E", "0037001E")):
                out.text(ole.stream(file, path, out).decode("cp1252", "replace"), "attached message")
            elif tag.endswith("37010102"):
                out.member("attachment", ole.stream(file, path, out))
            elif tag.endswith("10130102"):
                out.member("body.html", ole.stream(file, path, out), "text/html")

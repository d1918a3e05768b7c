"""Outlook's winmail.dat. Law: what it carries is read as if it were attached to the mail; what is lost is named.

MS-OXTNEF, by `mail.tnef`.
"""

from __future__ import annotations

from mailguard.mail.contents import State
from mailguard.mail.readers.document import Reading
from mailguard.mail.tnef import Winmail, extract


def read(data: bytes, out: Reading) -> None:
    """Read a TNEF stream into `out`. Raises Refused."""
    _stream(extract(data), out, "")


def _stream(found: Winmail, out: Reading, place: str) -> None:
    for label, text in (("subject", found.subject), ("message", found.text), ("properties", found.properties)):
        if text:
            out.budget.inflate(len(text))
            out.text(text, f"{place}{label}")
    if found.html:
        out.member("body.html", found.html.encode("utf-8", "replace"), "text/html")
    if found.rtf:
        out.budget.inflate(len(found.rtf))
        out.member("body.rtf", found.rtf, "text/rtf")
    for name, content in found.files:
        out.budget.inflate(len(content))
        out.member(name, content)
    for message in found.messages:
        _stream(message, out, "attached message, ")
    if found.why:
        out.refuse(State.BROKEN, found.why)

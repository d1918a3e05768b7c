"""S/MIME data. Law: enveloped is encrypted, signed is not: what was signed is read.

RFC 5652, RFC 8551, by `mail.crypto`.
"""

from __future__ import annotations

from mailguard.mail.contents import State
from mailguard.mail.crypto import cms_kind, inside, sealed
from mailguard.mail.readers.document import Reading


def read(data: bytes, out: Reading) -> None:
    """Read CMS data into `out`. Raises Refused."""
    if reason := sealed(data):
        out.refuse(State.ENCRYPTED, reason)
        return
    content = inside(data)
    if content is not None:
        out.budget.inflate(len(content))
        out.member("signed content.eml", content, "message/rfc822")
    elif cms_kind(data) == "signed_data":
        # A signature apart: what it signs is another part of the mail.
        out.refuse(State.NO_TEXT, "")
    else:
        out.refuse(State.BROKEN, "S/MIME data that is neither encrypted nor readable")

"""Who sends, read from a message's first bytes. Law: said before the mail is parsed, so others' mail stays unread."""

from __future__ import annotations

import re

from mailguard.mail.envelope import Envelope
from mailguard.mail.people import Sender
from mailguard.people.members import Register

_FIELD = re.compile(
    rb"^(from|sender|resent-from|resent-sender|x-ms-exchange-inbox-rules-loop)[ \t]*:((?:[^\n]*\n[ \t])*[^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)


def sender_of(envelope: Envelope, head: bytes, register: Register) -> Sender | None:
    """The member (or a delegate of one) this mail is from; `head` is `Message.head`.

    Encoded words stay as they are: RFC 2047, 5 allows them in names alone, never in an address.
    """
    fields: dict[str, list[str]] = {}
    for match in _FIELD.finditer(head):
        fields.setdefault(match[1].decode("ascii").lower(), []).append(match[2].decode("utf-8", "replace"))
    return register.find(
        envelope.sender,
        ", ".join(fields.pop("from", [])),
        ", ".join(fields.pop("sender", [])),
        envelope.user,
        ", ".join(value for values in fields.values() for value in values),
    )

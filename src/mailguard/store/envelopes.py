"""An envelope as JSON. Law: sender, recipients and every parameter come back as they were; no user name is kept."""

from __future__ import annotations

from typing import Any

from mailguard.mail.envelope import Envelope, Recipient


def pack(envelope: Envelope) -> dict[str, Any]:
    """What a later delivery needs of the envelope, and nothing of who was connected."""
    return {
        "sender": envelope.sender,
        "options": list(envelope.options),
        "recipients": [[recipient.address, list(recipient.options)] for recipient in envelope.recipients],
    }


def unpack(packed: dict[str, Any]) -> Envelope:
    """The reverse of `pack`."""
    recipients = tuple(Recipient(address, tuple(options)) for address, options in packed["recipients"])
    return Envelope(packed["sender"], recipients, tuple(packed["options"]))

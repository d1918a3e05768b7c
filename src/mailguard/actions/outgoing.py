"""What goes to the next hop: our trace field in front, the tag where asked for. Law: nothing else is touched."""

from __future__ import annotations

from mailguard.actions.handling import Handling
from mailguard.mail.message import Message
from mailguard.policy.action import Action


async def outgoing(handling: Handling) -> Message:
    """The message as delivered: `Received` on top (RFC 5321, 4.4), then `X-Mailguard-Tag` and its signature."""
    message = handling.message
    tags = dict.fromkeys(hit.clause.tag for hit in handling.verdict.asks(Action.TAG))
    for tag in tags:
        message = message.with_field(f"X-Mailguard-Tag: {tag}\r\n".encode("ascii"))
    if tags and handling.services.signer:
        message = await handling.services.signer.sign(message)
    return message.with_field(handling.received)

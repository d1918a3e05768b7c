"""Delivering one whole mail on a hop session: MAIL, RCPTs, DATA, the bytes.

Law: what the route cannot carry is refused before anything is sent (RFC 3030 conversions are never made); once the
final dot is sent and no reply came, the outcome is unknown and is told so (RFC 5321, 4.2.5), never tried again here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.errors import HopError, ProtocolError, ReplyLost
from mailguard.mail.message import CHUNK, Message
from mailguard.mail.reply import Reply
from mailguard.smtp import replies
from mailguard.smtp.features import Features
from mailguard.smtp.link import Link
from mailguard.smtp.wire import stuffed, stuffed_whole

NEEDS_8BIT = Reply.of(554, "5.6.3", "The next mail server does not take 8BITMIME")
NEEDS_UTF8 = Reply.of(554, "5.6.7", "The next mail server does not take SMTPUTF8")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a hop said: a reply for each recipient, and DATA's; `final` is None where nothing was sent."""

    recipients: tuple[tuple[Recipient, Reply], ...]
    final: Reply | None


async def send_message(link: Link, message: Message, on_dot: Callable[[], None] = lambda: None) -> Reply:
    """Send the bytes after a 354. `on_dot` is called right before the dot goes.

    Raises HopError (before the dot), ReplyLost (after it), ProtocolError (the bytes are not clean: law 5 at the exit).
    """
    try:
        if message.size <= CHUNK:
            last = stuffed_whole(message.read())
        else:
            pieces = stuffed(message.chunks())
            last = next(pieces)
            for piece in pieces:
                await link.write(last)
                last = piece
    except ValueError:
        link.abort()
        raise ProtocolError(554, "5.6.0", "Message is not in SMTP form") from None
    on_dot()
    if not link.alive:
        raise HopError("lost within a message")
    reply = await link.ask("message", last)
    if reply is None:
        raise ReplyLost("no reply to the final dot")
    if reply.positive:
        link.refusals = link.resets = 0
    return reply


def obstacle(features: Features, envelope: Envelope, message: Message) -> Reply | None:
    """Why this hop cannot carry this mail, as a permanent reply; None when it can."""
    wanted = {option.upper() for option in envelope.options}
    if "BODY=8BITMIME" in wanted and "8BITMIME" not in features.keywords:
        return NEEDS_8BIT
    if "SMTPUTF8" not in features.keywords and ("SMTPUTF8" in wanted or not _ascii(envelope)):
        return NEEDS_UTF8
    if features.size_limit and message.size > features.size_limit:
        return replies.TOO_BIG
    return None


def mail_line(features: Features, envelope: Envelope, size: int) -> bytes:
    """MAIL with the parameters this hop takes; SIZE is that of the message as it is now."""
    kept = [f"SIZE={size}"] if "SIZE" in features.keywords else []
    for option in envelope.options:
        name = option.partition("=")[0].upper()
        if name in ("BODY", "SMTPUTF8") or (name in ("RET", "ENVID") and "DSN" in features.keywords):
            kept.append(option)
    if not _ascii(envelope) and "SMTPUTF8" not in kept:
        kept.append("SMTPUTF8")  # of our own: what we write to such a sender has no options of his
    return _line(f"MAIL FROM:<{envelope.sender}>", kept)


def _ascii(envelope: Envelope) -> bool:
    return all(path.isascii() for path in (envelope.sender, *(item.address for item in envelope.recipients)))


def rcpt_line(features: Features, recipient: Recipient) -> bytes:
    """RCPT with its DSN parameters where the hop takes them."""
    return _line(f"RCPT TO:<{recipient.address}>", recipient.options if "DSN" in features.keywords else ())


def _line(start: str, options: Sequence[str]) -> bytes:
    line = " ".join([start, *options]).encode()
    if b"\r" in line or b"\n" in line or b"\0" in line:
        raise ProtocolError(553, "5.1.3", "Bad address syntax")
    return line + b"\r\n"


BeforeData = Callable[[tuple[tuple[Recipient, Reply], ...]], Awaitable[None]]
"""Called once the recipients were answered and one at least was taken, right before DATA goes up."""


async def deliver(link: Link, envelope: Envelope, message: Message, before_data: BeforeData | None = None) -> Delivery:
    """One transaction of mailguard's own on `link`. Raises as `send_message`; HopError when replies were lost.

    `before_data` is where a caller commits what must be durable before the dot; what it raises ends the delivery.
    """
    features = link.features
    if reply := obstacle(features, envelope, message):
        return Delivery(tuple((recipient, reply) for recipient in envelope.recipients), None)
    commands = [("MAIL", mail_line(features, envelope, message.size))]
    commands += [("RCPT", rcpt_line(features, recipient)) for recipient in envelope.recipients]
    heard = [reply for reply in await link.exchange(commands) if reply is not None]
    if len(heard) < len(commands):
        raise HopError("lost before DATA")
    if not heard[0].positive:
        return Delivery(tuple((recipient, heard[0]) for recipient in envelope.recipients), None)
    told = tuple(zip(envelope.recipients, heard[1:], strict=True))
    if not any(reply.positive for reply in heard[1:]):
        return Delivery(told, None)
    if before_data is not None:
        await before_data(told)
    go = await link.ask("DATA", b"DATA\r\n")
    if go is None:
        raise HopError("lost at DATA")
    if go.code != 354:
        if go.positive:
            raise HopError("DATA was answered with success")
        return Delivery(told, go)
    return Delivery(told, await send_message(link, message))

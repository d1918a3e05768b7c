"""AUTH, passed through: the next hop knows the passwords, mailguard only learns the name.

Law: credentials are passed on and never kept; the hop session on which a client authenticated is that client's for
good (law 2). Source: RFC 4954.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable

from mailguard.mail.errors import HopError
from mailguard.mail.reply import Reply
from mailguard.smtp import replies
from mailguard.smtp.hop import HopPool
from mailguard.smtp.link import Link

UNAVAILABLE = Reply.of(454, "4.7.0", "Temporary authentication failure")
NOT_OFFERED = Reply.of(504, "5.5.4", "Mechanism not offered")

Challenge = Callable[[Reply], Awaitable[bytes]]


async def authenticate(hops: HopPool, words: list[str], challenge: Challenge) -> tuple[Reply, Link | None, str]:
    """The hop's last reply; where it is positive, the session it was said on and the name.

    `words`: mechanism (upper case), perhaps the initial response. `challenge` puts a 334 to the client.
    """
    try:
        link = await hops.connect()
    except HopError:
        return UNAVAILABLE, None, ""
    link.pinned = True
    try:
        reply, name = await _exchange(link, words, challenge)
    except BaseException:
        link.abort()
        raise
    if reply is not None and reply.positive:
        return reply, link, name
    link.quit()
    return reply or replies.HOP_LOST, None, ""


async def _exchange(link: Link, words: list[str], challenge: Challenge) -> tuple[Reply | None, str]:
    mechanism = words[0]
    if mechanism not in link.features.mechanisms:
        return NOT_OFFERED, ""
    first = words[1].encode("ascii", "replace") if len(words) > 1 else b""
    reply = await link.ask("AUTH", b"AUTH %b\r\n" % " ".join(words).encode("ascii", "replace"))
    while reply is not None and reply.code == 334:
        # "*" cancels (RFC 4954, 4): the hop says so itself.
        answer = await challenge(reply)
        first = first or answer
        reply = await link.ask("AUTH", answer + b"\r\n")
    return reply, _name(mechanism, first)


def _name(mechanism: str, first: bytes) -> str:
    """Who authenticated: PLAIN's authentication identity (RFC 4616), LOGIN's first answer."""
    try:
        token = base64.b64decode(first, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    if mechanism == "PLAIN":
        parts = token.split("\0")
        return parts[1] if len(parts) == 3 else ""
    return token

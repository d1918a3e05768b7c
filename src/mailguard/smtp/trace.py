"""Our own Received field, and how a loop is told by it.

Law: no mail goes round. Each passage is marked with a keyed tag of sender and recipients: the same tag seen again is
a loop; the same mail redirected to others is none. Sources: RFC 5321 (4.4, 6.3), RFC 3848 (ESMTPSA and the like).
"""

from __future__ import annotations

import functools
import hmac
import re
import time
from datetime import UTC, datetime
from email.utils import format_datetime

from mailguard.mail.envelope import Envelope
from mailguard.smtp.transaction import Transaction

MAX_OURS = 4
MAX_RECEIVED = 50

_RECEIVED = re.compile(rb"^received[ \t]*:", re.I | re.M)
_OURS = re.compile(rb"\sby\s+(\S+)\s+\(mailguard\)\s+with\s+\S+\s+id\s+[A-Za-z0-9]+\.([A-Za-z0-9]+)")
_UNSAFE = re.compile(r"[^A-Za-z0-9.:_\[\]-]")


def received(transaction: Transaction, hostname: str, key: bytes, at: datetime | None = None) -> bytes:
    """The field, folded, with CRLF at its end. `at` is aware; None: now."""
    envelope = transaction.envelope
    protocol = ("UTF8SMTP" if _utf8(envelope) else "ESMTP") + "S" * envelope.tls + "A" * (envelope.user is not None)
    stamp = _stamp(int(at.timestamp() if at else time.time()))
    identity = f"{transaction.id}.{tag(envelope, key)}"
    helo, peer = _UNSAFE.sub("?", envelope.helo)[:255] or "unknown", _literal(envelope.peer)
    return (
        f"Received: from {helo} ({peer})\r\n\tby {hostname} (mailguard) with {protocol} id {identity};\r\n\t{stamp}\r\n"
    ).encode("ascii", "replace")


def looping(head: bytes, envelope: Envelope, hostname: str, key: bytes) -> bool:
    """True if `head` (a message's header block) shows that this mail was here before with this envelope.

    Also true with more than MAX_RECEIVED Received fields, or MAX_OURS of our own whatever their tags.
    """
    if b"(mailguard)" in head:
        ours = [match[2] for match in _OURS.finditer(head) if match[1].decode("ascii", "replace") == hostname]
        if len(ours) >= MAX_OURS or (ours and tag(envelope, key).encode() in ours):
            return True
    return head.count(b"\n") > MAX_RECEIVED and len(_RECEIVED.findall(head)) > MAX_RECEIVED


def tag(envelope: Envelope, key: bytes) -> str:
    """Twelve characters that say nothing about the addresses without the key."""
    recipients = sorted({recipient.address.lower() for recipient in envelope.recipients})
    marked = "\0".join(["received", envelope.sender.lower(), *recipients]).encode("utf-8", "surrogateescape")
    return hmac.digest(key, marked, "sha256").hex()[:12]


@functools.lru_cache(maxsize=2)
def _stamp(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC))


def _utf8(envelope: Envelope) -> bool:
    return any(option.upper() == "SMTPUTF8" for option in envelope.options)


def _literal(peer: str) -> str:
    if not peer:
        return "[unknown]"
    return f"[IPv6:{_UNSAFE.sub('?', peer)}]" if ":" in peer else f"[{_UNSAFE.sub('?', peer)}]"

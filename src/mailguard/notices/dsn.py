"""Writes delivery status notifications. Law: NOTIFY and RET are heeded, and `<>` never gets one (RFC 3461, 3464)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, make_msgid
from typing import Literal

from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.message import Message
from mailguard.mail.reply import Reply

FULL_LIMIT = 1024 * 1024


@dataclass(frozen=True)
class Status:
    """What became of one recipient: `failed`, or `relayed` to a hop that makes no DSN (RFC 3464, 2.3.3)."""

    recipient: Recipient
    action: Literal["failed", "relayed"]
    reply: Reply | None = None

    @property
    def wanted(self) -> bool:
        """Whether the sender asked for this report; without NOTIFY a failure is told (RFC 3461, 4.1)."""
        notify = _option(self.recipient.options, "NOTIFY")
        if notify is None:
            return self.action == "failed"
        wished = {word.strip().upper() for word in notify.split(",")}
        return ("FAILURE" if self.action == "failed" else "SUCCESS") in wished

    @property
    def code(self) -> str:
        """The enhanced status code: the hop's own where it gave one (RFC 3463)."""
        if self.action == "relayed":
            return "2.0.0"
        first = self.reply.lines[0].split(b" ", 1)[0].decode("ascii", "replace") if self.reply else ""
        whole = first.count(".") == 2 and first[:1] in "45" and first.replace(".", "").isdigit()
        return first if whole else "5.0.0" if self.reply is None or self.reply.permanent else "4.4.7"


def dsn(
    envelope: Envelope, message: Message, statuses: Sequence[Status], *, reporter: str, sender: str, at: datetime
) -> Message | None:
    """The report for the envelope's sender, or None where nobody is to be told.

    `reporter` is this gateway's host name, `sender` the address in From. The returned part holds the whole
    original only where RET=FULL was asked for and it is under FULL_LIMIT bytes; the header otherwise.
    """
    told = [status for status in statuses if status.wanted]
    if not envelope.sender or not told:
        return None
    full = (_option(envelope.options, "RET") or "").upper() == "FULL" and message.size <= FULL_LIMIT
    boundary = f"=_{make_msgid(domain='mailguard').strip('<>').replace('@', '.')}"
    failed = any(status.action == "failed" for status in told)
    subject = "Undelivered mail" if failed else "Mail passed on"
    head = (
        f"From: Mail Delivery System <{sender}>",
        f"To: <{envelope.sender}>",
        f"Subject: {subject}",
        f"Date: {format_datetime(at)}",
        f"Message-ID: {make_msgid(domain=sender.rpartition('@')[2])}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"',
    )
    parts = (
        _part("text/plain; charset=utf-8", _words(told).encode()),
        _part("message/delivery-status", _fields(envelope, told, reporter, at).encode()),
        _part("message/rfc822" if full else "text/rfc822-headers", message.read() if full else message.head),
    )
    edge = f"--{boundary}".encode()
    body = b"".join(edge + b"\r\n" + part for part in parts) + edge + b"--\r\n"
    return Message.of("\r\n".join(head).encode() + b"\r\n\r\n" + body)


def _part(kind: str, content: bytes) -> bytes:
    seven_bit = content.isascii()
    encoding = "7bit" if seven_bit else "8bit"
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + content + b"\r\n"


def _words(statuses: Iterable[Status]) -> str:
    lines = ["This is the council's mail gateway.", ""]
    for status in statuses:
        if status.action == "relayed":
            lines.append(f"<{status.recipient.address}>: passed on; the next server makes no reports.")
        else:
            lines.append(f"<{status.recipient.address}>: not delivered.")
            lines += [f"    {line}" for line in _diagnostic(status)]
    return "\r\n".join(lines) + "\r\n"


def _diagnostic(status: Status) -> list[str]:
    if status.reply is None:
        return ["The mail could not be handed over in the time allowed."]
    return [f"{status.reply.code} {line.decode('ascii', 'replace')}" for line in status.reply.lines]


def _fields(envelope: Envelope, statuses: Iterable[Status], reporter: str, at: datetime) -> str:
    envid = _option(envelope.options, "ENVID")
    top = [f"Reporting-MTA: dns; {reporter}", f"Arrival-Date: {format_datetime(at)}"]
    blocks = [[*([f"Original-Envelope-Id: {envid}"] if envid else []), *top]]
    for status in statuses:
        original = _option(status.recipient.options, "ORCPT")
        block = [f"Original-Recipient: {original}"] if original else []
        block += [
            f"Final-Recipient: rfc822; {status.recipient.address}",
            f"Action: {status.action}",
            f"Status: {status.code}",
        ]
        if status.reply is not None:
            block.append(f"Diagnostic-Code: smtp; {' '.join(_diagnostic(status))}")
        blocks.append(block)
    return "\r\n\r\n".join("\r\n".join(block) for block in blocks) + "\r\n"


def _option(options: Iterable[str], name: str) -> str | None:
    prefix = f"{name}="
    return next((option[len(prefix) :] for option in options if option.upper().startswith(prefix)), None)

"""The demonstration's next hop: it puts what it takes into a Maildir. Law: 250 only once it is there."""

from __future__ import annotations

import asyncio
import mailbox
from email.message import Message
from functools import partial
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

SIZE = 100_000_000


class Maildir:
    """A handler for aiosmtpd; the envelope is kept in header fields of the hop's own."""

    def __init__(self, folder: Path) -> None:
        self.box = mailbox.Maildir(folder, create=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one mail."""
        assert isinstance(envelope.content, bytes)
        recipients = ", ".join(envelope.rcpt_tos)
        head = f"Return-Path: <{envelope.mail_from}>\nX-Envelope-To: {recipients}\n".encode()
        self.box.add(head + envelope.content.replace(b"\r\n", b"\n"))
        return "250 2.0.0 Taken by the next hop"

    def find(self, identity: str) -> list[Message]:
        """The mails with this Message-ID."""
        return [mail for mail in self.box if (mail["Message-ID"] or "").strip() == identity]


async def serve(folder: Path, port: int) -> tuple[asyncio.Server, Maildir]:
    """Listen on loopback; port 0 is any. Raises OSError."""
    keeper = Maildir(folder)
    make = partial(
        SMTP, keeper, hostname="demo-hop", ident="demonstration", enable_SMTPUTF8=True, data_size_limit=SIZE, timeout=60
    )
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", port)
    return server, keeper


def port_of(server: asyncio.Server) -> int:
    """The port it listens on."""
    return int(server.sockets[0].getsockname()[1])

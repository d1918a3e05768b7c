"""A real SMTP server that keeps what it gets, and can refuse: the far end of the tests."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Received:
    """One transaction as the far end saw it."""

    sender: str
    recipients: list[str]
    mail_options: list[str]
    rcpt_options: list[list[str]]
    data: bytes = field(repr=False)

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]

    @property
    def head(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[0] + b"\r\n"


class Sink:
    """Runs in a thread of its own. `refuse` maps a recipient to a reply; `data_reply` answers the dot."""

    def __init__(self, extensions: tuple[str, ...] = ("DSN",), port: int = 0, size: int = 60_000_000) -> None:
        self.received: list[Received] = []
        self.refuse: dict[str, str] = {}
        self.data_reply = "250 2.0.0 Taken by the sink"
        self.extensions = extensions
        self._options: dict[int, tuple[list[str], list[list[str]]]] = {}
        self._wanted, self._size = port, size
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = 0

    def __enter__(self) -> Sink:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(
            lambda: _Lenient(self, data_size_limit=self._size, enable_SMTPUTF8=True, hostname="sink.example"),
            "127.0.0.1",
            self._wanted,
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()

    # aiosmtpd's handler hooks...

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], *(f"250-{word}" for word in self.extensions), responses[-1]]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        self._options[id(envelope)] = (list(options), [])
        return "250 2.1.0 Sender taken"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        self._options[id(envelope)][1].append(list(options))
        return "250 2.1.5 Recipient taken"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data_reply.startswith("2"):
            options, rcpt_options = self._options.get(id(envelope), ([], []))
            content: Any = envelope.original_content
            self.received.append(
                Received(envelope.mail_from or "", list(envelope.rcpt_tos), options, rcpt_options, bytes(content))
            )
        return self.data_reply


class _Lenient(SMTP):
    """aiosmtpd answers 555 to DSN parameters; the sink takes and keeps them."""

    line_length_limit = 2_000_000

    async def smtp_MAIL(self, arg: str | None) -> None:
        address, options = _split(arg)
        self.envelope.mail_options = []
        await self.push(await self.event_handler.handle_MAIL(self, self.session, self.envelope, address, options))

    async def smtp_RCPT(self, arg: str | None) -> None:
        address, options = _split(arg)
        await self.push(await self.event_handler.handle_RCPT(self, self.session, self.envelope, address, options))


def _split(arg: str | None) -> tuple[str, list[str]]:
    text = (arg or "").partition(":")[2].strip()
    address, _, rest = text.partition(">")
    return address.lstrip("<"), rest.split()

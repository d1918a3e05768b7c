"""A far end that is fast and can break: it goes down, dawdles, or drops mails before or after the dot.

Law: `arrived(head, confirmed)` is called once for each whole mail; `confirmed` is whether its 250 was written.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import cast

HEAD = 8192
EHLO = b"250-far.example\r\n250-PIPELINING\r\n250-SIZE 60000000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250 XFORWARD NAME ADDR PORT PROTO HELO SOURCE\r\n"  # noqa: E501
REPLIES = {b"EHLO": EHLO, b"MAIL": b"250 2.1.0 Ok\r\n", b"RCPT": b"250 2.1.5 Ok\r\n", b"DATA": b"354 Go on\r\n"}
TAKEN = b"250 2.0.0 Taken\r\n"


class FarEnd:
    """One listening port. `delay` in seconds, `drop_before` and `drop_after` are chances from 0 to 1."""

    def __init__(self, arrived: Callable[[bytes, bool], None]) -> None:
        self.arrived = arrived
        self.port = 0
        self.delay = self.drop_before = self.drop_after = 0.0
        self.sessions: set[_Session] = set()
        self._server: asyncio.Server | None = None

    async def up(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Session(self), "127.0.0.1", self.port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """As a crash would: nobody listens, and every connection is reset."""
        if self._server:
            self._server.close()
        for session in list(self.sessions):
            session.abort()


class _Session(asyncio.Protocol):
    def __init__(self, end: FarEnd) -> None:
        self.end = end
        self.buffer = bytearray()
        self.head = b""
        self.in_data = self.busy = self.over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by class
        self.end.sessions.add(self)
        transport.write(b"220 far.example ESMTP\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        self.over = True
        self.end.sessions.discard(self)

    def abort(self) -> None:
        self.over = True
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.go_on()

    def go_on(self) -> None:
        while not (self.over or self.busy) and (self.body() if self.in_data else self.command()):
            pass

    def command(self) -> bool:
        line, end, rest = bytes(self.buffer).partition(b"\r\n") if len(self.buffer) < 4096 else self._long()
        if not end:
            return False
        self.buffer = bytearray(rest)
        verb = line[:4].upper()
        if verb == b"QUIT":
            self.transport.write(b"221 2.0.0 Bye\r\n")
            self.transport.close()
            self.over = True
            return False
        if verb == b"DATA":
            self.in_data, self.head = True, b""
        self.transport.write(REPLIES.get(verb, b"250 2.0.0 Ok\r\n"))
        return True

    def _long(self) -> tuple[bytes, bytes, bytes]:
        at = self.buffer.find(b"\r\n")
        return (bytes(self.buffer[:at]), b"\r\n", bytes(self.buffer[at + 2 :])) if at >= 0 else (b"", b"", b"")

    def body(self) -> bool:
        at = self.buffer.find(b"\r\n.\r\n")
        whole = at >= 0
        kept = at if whole else max(0, len(self.buffer) - 4)
        if len(self.head) < HEAD:
            self.head += bytes(self.buffer[: min(kept, HEAD - len(self.head))])
        del self.buffer[: kept + 5 if whole else kept]
        if not whole:
            return False
        self.in_data = False
        if random.random() < self.end.drop_before:
            self.abort()
        elif random.random() < self.end.drop_after:
            self.end.arrived(self.head, False)
            self.abort()
        elif self.end.delay:
            self.busy = True
            asyncio.get_running_loop().call_later(self.end.delay, self.late)
        else:
            self.taken()
        return not self.busy

    def late(self) -> None:
        self.busy = False
        if not self.over:
            self.taken()
            self.go_on()

    def taken(self) -> None:
        self.end.arrived(self.head, True)
        self.transport.write(TAKEN)

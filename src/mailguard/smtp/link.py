"""One SMTP session with a hop: commands go out, replies come back in order.

Law: what is not a reply ends the session; every command gets exactly one answer, its reply or None (lost).

Callbacks, not futures, carry the replies: a reply for a client is on its way within the same event, without a task
being woken. `ask` is the awaitable form for what is not in the fast path.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from typing import cast

from mailguard.mail.errors import HopError
from mailguard.mail.reply import Reply
from mailguard.smtp.features import NOTHING, Features
from mailguard.smtp.observer import Observer
from mailguard.smtp.replies import ReplyReader

OnReply = Callable[[Reply | None], None]


class Link(asyncio.Protocol):
    """A connection to a hop. `alive` until it is lost, closed or speaks garbage; then pending replies are None."""

    def __init__(self, observer: Observer, on_dead: Callable[[Link], None]) -> None:
        self._observer, self._on_dead = observer, on_dead
        self._loop = asyncio.get_running_loop()
        self._reader = ReplyReader()
        self._pending: deque[tuple[str, OnReply]] = deque()
        self._transport: asyncio.Transport | None = None
        self._writable: asyncio.Event | None = None  # made when writing is first paused
        self.alive = False
        self.corked = False  # gather commands for one write
        self._held: list[bytes] = []
        self.features: Features = NOTHING
        self.pinned = False  # authenticated as one client: never anyone else's (law 2)
        self.own = False  # authenticated as mailguard
        self.secure = False
        self.gone: asyncio.Future[None] = self._loop.create_future()  # done when the socket is closed
        self.born = self.used = self._loop.time()
        self.waiting_since = 0.0  # 0: nothing is awaited
        self.refusals = 0  # since the last message it took: Postfix slows down clients that err often
        self.resets = 0

    # Speaking...

    def send(self, verb: str, line: bytes, on_reply: OnReply) -> None:
        """Send one command; `on_reply` is called once, at once if the session is dead."""
        if not self.alive or self._transport is None:
            on_reply(None)
            return
        if not self._pending:
            self.waiting_since = self._loop.time()
        self._pending.append((verb, on_reply))
        if self.corked:
            self._held.append(line)
        else:
            self._transport.write(line)

    def uncork(self) -> None:
        """Write at once what was sent while `corked` was set."""
        self.corked = False
        if self._held:
            held, self._held = b"".join(self._held), []
            if self.alive and self._transport is not None:
                self._transport.write(held)

    async def ask(self, verb: str, line: bytes) -> Reply | None:
        """Send one command and wait for its reply; None: the session was lost. Cancelling it ends the session."""
        waiter: asyncio.Future[Reply | None] = self._loop.create_future()
        self.send(verb, line, functools.partial(_tell, waiter))
        try:
            return await waiter
        except asyncio.CancelledError:
            self.abort()
            raise

    async def quiet(self) -> None:
        """Wait until nothing is awaited. Raises HopError when the session is dead."""
        while self.alive and self._pending:
            waiter: asyncio.Future[None] = self._loop.create_future()
            verb, on_reply = self._pending.pop()
            self._pending.append((verb, functools.partial(_both, on_reply, waiter)))
            await waiter
        if not self.alive:
            raise HopError("the session was lost")

    async def need(self, verb: str, line: bytes) -> Reply:
        """As `ask`, for replies that must be positive. Raises HopError, without the hop's words."""
        reply = await self.ask(verb, line)
        if reply is None:
            raise HopError(f"lost at {verb}")
        if not reply.positive:
            raise HopError(f"{verb} was answered {reply.code}")
        return reply

    async def exchange(self, commands: Sequence[tuple[str, bytes]]) -> list[Reply | None]:
        """Several commands, in one write where the hop offers PIPELINING (RFC 2920), else one by one."""
        if not self.features.pipelining:
            return [await self.ask(verb, line) for verb, line in commands]
        waiters = []
        self.corked = True
        for verb, line in commands:
            waiter: asyncio.Future[Reply | None] = self._loop.create_future()
            waiters.append(waiter)
            self.send(verb, line, functools.partial(_tell, waiter))
        self.uncork()
        try:
            return [await waiter for waiter in waiters]
        except asyncio.CancelledError:
            self.abort()
            raise

    async def write(self, piece: bytes) -> None:
        """Write a piece of a body, no faster than the hop takes it. Raises HopError when the session is lost."""
        if not self.alive or self._transport is None:
            raise HopError("lost within a message")
        self._transport.write(piece)
        if self._writable is not None and not self._writable.is_set():
            self.waiting_since = self._loop.time()
            await self._writable.wait()
        self.waiting_since = 0.0

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> None:
        """RFC 3207; what was offered before is forgotten. Raises HopError."""
        await self.need("STARTTLS", b"STARTTLS\r\n")
        if not self._reader.empty or self._transport is None:
            raise HopError("bytes before the TLS handshake")
        try:
            transport = await self._loop.start_tls(self._transport, self, context, server_hostname=server_name)
        except (OSError, asyncio.IncompleteReadError) as error:
            self._observer.tls("hop", False)
            raise HopError(f"TLS: {type(error).__name__}") from error
        if transport is None:
            raise HopError("lost at the TLS handshake")
        self._transport = transport
        self.secure = True
        self.features = NOTHING
        self._observer.tls("hop", True)

    # Hearing...

    def expect_greeting(self) -> asyncio.Future[Reply | None]:
        """The 220 that comes unasked; to be called before the connection is made."""
        waiter: asyncio.Future[Reply | None] = self._loop.create_future()
        self._pending.append(("greeting", functools.partial(_tell, waiter)))
        return waiter

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.alive = True
        self.waiting_since = self._loop.time()

    def data_received(self, data: bytes) -> None:
        try:
            replies = self._reader.feed(data)
        except HopError:
            self._observer.hop_replied(self._pending[0][0] if self._pending else "unasked", 0)
            self.abort()
            return
        for reply in replies:
            if not self.alive:
                return
            if not self._pending:
                # Mostly the 421 of a hop that is about to hang up on an idle session.
                self._observer.hop_replied("unasked", reply.code)
                self.abort()
                return
            verb, on_reply = self._pending.popleft()
            self.waiting_since = self._loop.time() if self._pending else 0.0
            if reply.code >= 400:
                self.refusals += 1
            self._observer.hop_replied(verb, reply.code)
            on_reply(reply)

    def pause_writing(self) -> None:
        if self._writable is None:
            self._writable = asyncio.Event()
        self._writable.clear()

    def resume_writing(self) -> None:
        if self._writable is not None:
            self._writable.set()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._die()
        if not self.gone.done():
            self.gone.set_result(None)

    # Ending...

    @property
    def idle(self) -> bool:
        """True when nothing is awaited, so that another transaction may begin."""
        return self.alive and not self._pending and self._reader.empty

    def quit(self) -> None:
        """Leave politely: the hop's reply to QUIT is not waited for."""
        if self.alive and self._transport is not None:
            if self.idle:
                self._transport.write(b"QUIT\r\n")
            self._transport.close()
        self._die()

    def abort(self) -> None:
        """Drop the connection now: a message under way is not to be taken."""
        if self._transport is not None:
            self._transport.abort()
        self._die()

    def _die(self) -> None:
        if not self.alive and not self._pending:
            return
        self.alive = False
        self.waiting_since = 0.0
        pending, self._pending = self._pending, deque()
        if self._writable is not None:
            self._writable.set()
        self._on_dead(self)
        for verb, on_reply in pending:
            self._observer.hop_replied(verb, 0)
            on_reply(None)


def _tell(waiter: asyncio.Future[Reply | None], reply: Reply | None) -> None:
    if not waiter.done():
        waiter.set_result(reply)


def _both(on_reply: OnReply, waiter: asyncio.Future[None], reply: Reply | None) -> None:
    on_reply(reply)
    if not waiter.done():
        waiter.set_result(None)

"""A hop: its sessions are opened, lent, taken back and closed here.

Law: a session is lent to one transaction at a time; one that is pinned, has erred often or is old is not lent again.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import deque

from mailguard.mail.envelope import Envelope
from mailguard.mail.errors import HopError, ReplyLost
from mailguard.mail.message import Message
from mailguard.mail.reply import Reply
from mailguard.smtp import delivery
from mailguard.smtp.delivery import BeforeData, Delivery
from mailguard.smtp.features import Features
from mailguard.smtp.link import Link
from mailguard.smtp.observer import Observer, SilentObserver
from mailguard.smtp.settings import HopSettings, split_address
from mailguard.smtp.tls import hop_context

# Postfix delays every reply from its 10th error on a session, and counts RSETs: both until it has taken a message.
MAX_REFUSALS = 5
MAX_RESETS = 50


class HopPool:
    """The sessions with one hop. `features` is what its last EHLO reply offered, None before the first."""

    def __init__(self, settings: HopSettings, observer: Observer | None = None) -> None:
        self.settings = settings
        self._observer = observer or SilentObserver()
        self._context = hop_context(settings)
        self._host, self._port = split_address(settings.address)
        self._open: set[Link] = set()
        self._sockets: set[Link] = set()  # those that are leaving included
        self._connecting = 0
        self._idle: list[Link] = []  # of clients' kind: not authenticated
        self._own: list[Link] = []  # authenticated as mailguard
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._sweeper: asyncio.TimerHandle | None = None
        self.features: Features | None = None

    # Lending...

    def take(self) -> Link | None:
        """An idle session at once, or None: then `borrow`."""
        return self._pop(self._idle)

    async def borrow(self, own: bool = False) -> Link:
        """A session for one transaction, idle or new. Raises HopError: no connection, or no room for one in time."""
        shelf = self._own if own and self.settings.user else self._idle
        if link := self._pop(shelf):
            return link
        try:
            async with asyncio.timeout(self.settings.connect_timeout):
                while len(self._open) + self._connecting >= self.settings.max_sessions:
                    waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self._waiters.append(waiter)
                    await waiter
                    if link := self._pop(shelf):
                        return link
        except TimeoutError:
            raise HopError("all sessions are in use") from None
        return await self.connect(own)

    def give_back(self, link: Link, dirty: bool = False) -> None:
        """End of a transaction; `dirty`: MAIL was accepted and no message ended it, so it is RSET first."""
        if link.pinned:
            # It goes on with its client, who hangs up on it.
            if dirty:
                link.send("RSET", b"RSET\r\n", lambda _: None)
            return
        link.used = asyncio.get_running_loop().time()
        worn = link.refusals >= MAX_REFUSALS or link.resets >= MAX_RESETS
        if worn or not link.idle or link.used - link.born > self.settings.max_age:
            link.quit()
        elif dirty:
            link.resets += 1
            link.send("RSET", b"RSET\r\n", lambda reply: self._after_reset(link, reply))
        else:
            self._shelve(link)

    async def features_now(self) -> Features:
        """What the hop offers, asking it if it never answered yet. Raises HopError."""
        if self.features is None:
            self.give_back(await self.borrow())
        assert self.features is not None
        return self.features

    # Delivering mailguard's own...

    async def deliver(self, envelope: Envelope, message: Message, before_data: BeforeData | None = None) -> Delivery:
        """Deliver a mail of mailguard's own (a second hop's leg, a release, a notice), authenticated where set.

        `before_data` may be called twice: an idle session that died is replaced by a fresh one, once.
        Raises HopError (nothing was delivered), ReplyLost (unknown), ProtocolError (the bytes are not clean).
        """
        fresh = not (self._own if self.settings.user else self._idle)
        link = await self.borrow(own=True)
        try:
            try:
                result = await delivery.deliver(link, envelope, message, before_data)
            except ReplyLost:
                raise
            except HopError:
                if fresh:
                    raise
                # The hop may have hung up on an idle session at this very moment; nothing was sent.
                link.abort()
                link = await self.connect(own=True)
                result = await delivery.deliver(link, envelope, message, before_data)
        except BaseException:
            link.abort()
            raise
        if result.final is not None and result.final.positive:
            self._observer.bytes_delivered(message.size)
        self.give_back(link, dirty=result.final is None or result.final.code >= 400)
        return result

    async def probe(self) -> bool:
        """True if the hop can be reached and answers EHLO now (and TLS and AUTH where they are required)."""
        try:
            link = await self.connect(own=True)
        except HopError:
            return False
        link.quit()
        return True

    async def close(self) -> None:
        """Hang up on every session."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for link in list(self._open):
            link.quit()
        if self._sockets:
            # Under TLS a close waits for the peer's.
            await asyncio.wait([link.gone for link in self._sockets], timeout=1.0)
            for link in list(self._sockets):
                link.abort()
            await asyncio.sleep(0)

    # Connecting...

    async def connect(self, own: bool = False) -> Link:
        """A new session after EHLO, STARTTLS and (for mailguard's own) AUTH. Raises HopError within `timeout`."""
        self._connecting += 1
        try:
            async with asyncio.timeout(self.settings.timeout):
                try:
                    link = await self._greeted(self._context)
                except _HandshakeFailed:
                    if self.settings.tls == "required":
                        raise
                    link = await self._greeted(None)
                if own and self.settings.user:
                    await self._authenticate(link)
        except TimeoutError:
            raise HopError("no answer in time") from None
        finally:
            self._connecting -= 1
        self.features = link.features
        return link

    async def _greeted(self, context: ssl.SSLContext | None) -> Link:
        loop = asyncio.get_running_loop()
        link = Link(self._observer, self._forget)
        greeting = link.expect_greeting()
        try:
            async with asyncio.timeout(self.settings.connect_timeout):
                await loop.create_connection(lambda: link, self._host, self._port)
        except TimeoutError:
            raise HopError("no connection in time") from None
        except OSError as error:
            raise HopError(f"no connection: {type(error).__name__}") from error
        self._open.add(link)
        self._sockets.add(link)
        link.gone.add_done_callback(lambda _: self._sockets.discard(link))
        self._watch()
        try:
            await self._introduce(link, greeting, context)
        except BaseException:
            link.abort()
            raise
        return link

    async def _introduce(
        self, link: Link, greeting: asyncio.Future[Reply | None], context: ssl.SSLContext | None
    ) -> None:
        hello = await greeting
        if hello is None or hello.code != 220:
            raise HopError("no greeting" if hello is None else f"greeted with {hello.code}")
        await self._ehlo(link)
        if context is None:
            return
        if "STARTTLS" in link.features.keywords:
            try:
                await link.start_tls(context, self.settings.server_name or self._host)
            except HopError as error:
                raise _HandshakeFailed(str(error)) from error
            await self._ehlo(link)
        elif self.settings.tls == "required":
            raise HopError("STARTTLS is not offered")

    async def _ehlo(self, link: Link) -> None:
        name = self.settings.name.encode("ascii", "replace")
        reply = await link.ask("EHLO", b"EHLO %b\r\n" % name)
        if reply is None:
            raise HopError("lost at EHLO")
        if reply.positive:
            features = Features.of(reply)
            # Whoever strips STARTTLS on the way must not get a client's password by it.
            link.features = features if self._confidential(link) else features.without("AUTH")
        else:
            await link.need("HELO", b"HELO %b\r\n" % name)

    def _confidential(self, link: Link) -> bool:
        """True where passwords may be said: under TLS, or where the operator asks for none on this way."""
        return link.secure or self.settings.tls == "off"

    async def _authenticate(self, link: Link) -> None:
        if not self._confidential(link):
            link.abort()
            raise HopError("AUTH needs TLS")
        token = base64.b64encode(f"\0{self.settings.user}\0{self.settings.password}".encode())
        try:
            await link.need("AUTH", b"AUTH PLAIN %b\r\n" % token)
            link.own = True
        except BaseException:
            link.abort()
            raise

    # Keeping...

    def _pop(self, shelf: list[Link]) -> Link | None:
        now = asyncio.get_running_loop().time()
        while shelf:
            link = shelf.pop()
            if link.idle and now - link.born <= self.settings.max_age:
                return link
            link.quit()
        return None

    def _shelve(self, link: Link) -> None:
        (self._own if link.own else self._idle).append(link)
        self._wake()

    def _after_reset(self, link: Link, reply: Reply | None) -> None:
        if reply is None or not reply.positive:
            link.quit()
        else:
            self._shelve(link)

    def _forget(self, link: Link) -> None:
        self._open.discard(link)
        for shelf in (self._idle, self._own):
            if link in shelf:
                shelf.remove(link)
        self._wake()

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _watch(self) -> None:
        if self._sweeper is None:
            period = min(1.0, self.settings.timeout / 4, self.settings.max_idle / 4)
            self._sweeper = asyncio.get_running_loop().call_later(period, self._sweep)

    def _sweep(self) -> None:
        """One timer for all sessions: a timer for each reply would cost more than the reply."""
        self._sweeper = None
        now = asyncio.get_running_loop().time()
        for link in list(self._open):
            if link.waiting_since and now - link.waiting_since > self.settings.timeout:
                link.abort()
        for shelf in (self._idle, self._own):
            for link in [link for link in shelf if now - link.used > self.settings.max_idle]:
                link.quit()
        if self._open:
            self._watch()


Hop = HopPool


class _HandshakeFailed(HopError):
    """The hop offered STARTTLS and then TLS failed."""

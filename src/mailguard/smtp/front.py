"""The front: listens, lets clients in, and gives each mail to the flow.

Law (bounded): connections are counted and timed; beyond a limit a client hears 421 at once. A drain finishes the mails
under way and then says 421.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
import ssl
from collections import Counter

from mailguard.mail.errors import HopError
from mailguard.mail.reply import Reply
from mailguard.smtp import replies
from mailguard.smtp.features import HONOURED, NOTHING, Features
from mailguard.smtp.hop import HopPool
from mailguard.smtp.observer import Observer, SilentObserver
from mailguard.smtp.session import ClientSession
from mailguard.smtp.settings import FrontSettings, split_address
from mailguard.smtp.tls import front_context
from mailguard.smtp.transaction import Flow, Transaction

_EHLO_PATIENCE = 5.0  # seconds a first EHLO waits for a hop that never answered; MAIL says how it stands


class Front:
    """One worker's port. `flow` is called once for each mail whose final dot came."""

    def __init__(self, settings: FrontSettings, hops: HopPool, flow: Flow, observer: Observer | None = None) -> None:
        """Raises OSError or ValueError when the certificate does not serve."""
        self.settings, self.hops, self.flow = settings, hops, flow
        self.observer = observer or SilentObserver()
        self.limits = settings.limits
        self.hostname = settings.name
        self.greeting = f"220 {self.hostname} ESMTP\r\n".encode("ascii", "replace")
        self.tls: ssl.SSLContext | None = front_context(settings)
        self.draining = False
        self.loop: asyncio.AbstractEventLoop
        self.port = 0
        self._proxies = [ipaddress.ip_network(network, strict=False) for network in settings.proxy_from]
        self._server: asyncio.Server | None = None
        self._connections: set[ClientSession] = set()
        self._admitted = 0
        self._clients: Counter[str] = Counter()
        self._flows: set[asyncio.Task[Reply]] = set()
        self._clock: asyncio.TimerHandle | None = None
        self._empty: asyncio.Event | None = None
        self.ehlo = functools.lru_cache(maxsize=64)(self._ehlo)

    @property
    def sessions(self) -> int:
        """Clients that were let in and are still here."""
        return self._admitted

    # Starting and stopping...

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken. SO_REUSEPORT lets several workers share it."""
        self.loop = asyncio.get_running_loop()
        listener = _listener(self.settings)
        self.port = listener.getsockname()[1]
        self._server = await self.loop.create_server(
            lambda: ClientSession(self), sock=listener, backlog=self.settings.backlog
        )
        self._tick()

    async def stop(self) -> None:
        """Accept no more; those who are connected go on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def drain(self, seconds: float = 30.0) -> None:
        """Accept no more, finish the mails under way, then hang up with 421; after `seconds` whatever is left is cut.

        A flow that is cut is cancelled: it was not answered, so its client keeps the mail.
        """
        await self.stop()
        self.draining = True
        self._empty = asyncio.Event()
        for session in list(self._connections):
            session.drain()
        self._check_empty()
        try:
            async with asyncio.timeout(seconds):
                await self._empty.wait()
        except TimeoutError:
            left = list(self._flows)
            for flow in left:
                flow.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await asyncio.sleep(0)
            for session in list(self._connections):
                session.reply(replies.SHUTTING_DOWN)
                session.hang_up()
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def reload_certificates(self) -> None:
        """Read the files again; sessions under way keep theirs. Raises OSError or ValueError, and keeps the old."""
        self.tls = front_context(self.settings)

    def adopt(self, settings: FrontSettings, hops: HopPool) -> None:
        """Go on with other settings, for the sessions that are open too; the port stays.

        Raises OSError or ValueError when the certificate does not serve, and keeps the old.
        """
        self.tls = front_context(settings)
        self.settings, self.hops, self.limits = settings, hops, settings.limits
        self.hostname = settings.name
        self.greeting = f"220 {self.hostname} ESMTP\r\n".encode("ascii", "replace")
        self._proxies = [ipaddress.ip_network(network, strict=False) for network in settings.proxy_from]
        self.ehlo.cache_clear()

    # For a session...

    def speaks_proxy(self, peer: str) -> bool:
        """True for a configured balancer."""
        if not self._proxies:
            return False
        address = ipaddress.ip_address(peer.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._proxies)

    def joined(self, session: ClientSession) -> None:
        """A connection that has not been greeted yet."""
        self._connections.add(session)

    def admit(self, session: ClientSession) -> Reply | None:
        """Count a client in; or why not."""
        self._connections.add(session)
        reply = None
        if self.draining:
            reply = replies.SHUTTING_DOWN
        elif self._admitted >= self.limits.connections:
            reply = replies.TOO_MANY_CONNECTIONS
        elif 0 < self.limits.connections_per_client <= self._clients[session.peer]:
            reply = replies.TOO_MANY_FROM_CLIENT
        if reply is not None:
            self.observer.client_refused("overload")
            return reply
        self._admitted += 1
        # Counted without a limit too: a reload may set one, or take it away, while clients come and go.
        self._clients[session.peer] += 1
        self.observer.session_opened()
        return None

    def left(self, session: ClientSession, admitted: bool) -> None:
        """A connection is gone."""
        self._connections.discard(session)
        if admitted:
            self._admitted -= 1
            self._clients[session.peer] -= 1
            if not self._clients[session.peer]:
                del self._clients[session.peer]
            self.observer.session_closed()
        self._check_empty()

    def run_flow(self, transaction: Transaction) -> asyncio.Task[Reply]:
        """The flow in a task of its own: the client's going away does not end it (law 1)."""
        task: asyncio.Task[Reply] = self.loop.create_task(self._flow(transaction))
        self._flows.add(task)
        task.add_done_callback(self._flow_ended)
        return task

    async def _flow(self, transaction: Transaction) -> Reply:
        return await self.flow(transaction)

    def _flow_ended(self, task: asyncio.Task[Reply]) -> None:
        self._flows.discard(task)
        self._check_empty()

    def size_limit(self, features: Features) -> int:
        """The lesser of the hop's limit and ours; 0 is none."""
        limits = [limit for limit in (features.size_limit, self.limits.message) if limit]
        return min(limits, default=0)

    def _ehlo(self, features: Features, secure: bool, anonymous: bool) -> Reply:
        """What the hop offers and mailguard can honour (law 2)."""
        lines = [self.hostname, "PIPELINING"]
        if features is not NOTHING or self.limits.message:
            limit = self.size_limit(features)
            lines.append(f"SIZE {limit}" if limit else "SIZE")
        if self.tls is not None and not secure:
            lines.append("STARTTLS")
        may_auth = self.settings.auth and anonymous and (secure or self.settings.auth_without_tls)
        if may_auth and features.mechanisms:
            lines.append(" ".join(("AUTH", *features.mechanisms)))
        lines += [keyword for keyword in HONOURED if keyword in features.keywords]
        return Reply(250, tuple(line.encode("ascii", "replace") for line in lines))

    async def learn_features(self) -> None:
        """Ask a hop that never answered yet; a client is greeted whether or not it does."""
        try:
            async with asyncio.timeout(_EHLO_PATIENCE):
                await self.hops.features_now()
        except (HopError, TimeoutError):
            return

    def fault(self, error: BaseException) -> None:
        """What escaped a flow or a session: a bug of ours, for the loop's handler to log."""
        self.loop.call_exception_handler({"message": "mailguard: smtp fault", "exception": error})

    # Time...

    def _tick(self) -> None:
        """One timer for all clients: a timer for each would be set and cancelled at every line."""
        now = self.loop.time()
        for session in list(self._connections):
            session.look_at_the_clock(now)
        self._clock = self.loop.call_later(min(1.0, self.limits.idle / 4), self._tick)

    def _check_empty(self) -> None:
        if self._empty is not None and not self._connections and not self._flows:
            self._empty.set()


def _listener(settings: FrontSettings) -> socket.socket:
    host, port = split_address(settings.address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With protocol 0 asyncio does not know it for TCP and leaves out TCP_NODELAY: 46 ms a mail.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind((host, port))
        listener.listen(settings.backlog)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener

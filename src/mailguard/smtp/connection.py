"""A client's connection: bytes come in and are cut into lines and bodies; replies go out in order.

aiosmtpd's SMTP is the session (its state, its AUTH checks, its PROXY reading); fed from here instead of from its
StreamReader, with its per-connection reflection done once, it costs a third (see benchmarks/wire.py).

Law (strict wire): a line ends in CRLF and holds no control character; what is not such a line is never a command.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Session

from mailguard.mail.reply import Reply
from mailguard.smtp import replies
from mailguard.smtp.body import Body
from mailguard.smtp.command import LINE_LIMIT
from mailguard.smtp.doorway import Doorway
from mailguard.smtp.features import MECHANISMS
from mailguard.smtp.proxy import ProxyHeader

_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_MECHANISMS: dict[str, Any] = dict.fromkeys(MECHANISMS)
_LINGER = 3.0  # seconds a client has to hear its last reply
_BUFFER_LIMIT = 256 * 1024  # bytes of commands kept while the client has to wait; then reading pauses


class Connection(SMTP):
    """Bytes and time; what a line means is `command`'s affair, in ClientSession."""

    def __init__(self, front: Doorway) -> None:
        # Not super().__init__: it reflects over all methods and makes a StreamReader, 0.15 ms for each connection.
        self.front = front
        self.loop = front.loop
        self.hostname = front.hostname
        self.session: Session = Session(self.loop)
        self.transport: asyncio.Transport | None = None
        self.peer = ""
        self.port = 0
        self.secure = False
        self.heard_at = self.since = self.loop.time()  # `since`: when this body, or this run of commands, began
        # What aiosmtpd's smtp_AUTH looks at.
        self._auth_require_tls = not front.settings.auth_without_tls
        self._auth_methods = _MECHANISMS
        self._tls_protocol = None
        self._buffer = b""
        self._at = 0
        self._out: list[bytes] = []  # replies until the next flush
        self._proxy: ProxyHeader | None = None
        self._body: Body | None = None
        self._task: asyncio.Task[Any] | None = None  # what the client waits for, other than the hop's replies
        self._line_wanted: asyncio.Future[bytes] | None = None
        self._pumping = self._choked = self._closing = self._ended = self._skipping = self._reading_paused = False
        self._errors = 0

    def __del__(self) -> None:
        """The base class looks after a future that is not made here."""

    # In...

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        self.heard_at = self.loop.time()
        if self._body is not None:
            self._feed(data)
            return
        if self._proxy is not None:
            self.proxy_received(data)
            return
        self._buffer = self._buffer[self._at :] + data if self._at < len(self._buffer) else data
        self._at = 0
        self.pump()
        if len(self._buffer) - self._at > _BUFFER_LIMIT and self.transport is not None and not self._closing:
            self._reading_paused = True
            self.transport.pause_reading()

    def pump(self) -> None:
        """Go through what has arrived, as far as the client need not wait; then write all replies at once."""
        if self._pumping:
            return
        self._pumping = True
        try:
            while self._at < len(self._buffer) and not (self._closing or self._choked):
                if self._body is not None:
                    rest, self._buffer, self._at = self._buffer[self._at :], b"", 0
                    self._feed(rest)
                elif (self._task is not None and self._line_wanted is None) or not self._line():
                    break
        finally:
            self._pumping = False
        self.flush()
        if self._reading_paused and len(self._buffer) - self._at <= _BUFFER_LIMIT and self.transport is not None:
            self._reading_paused = False
            self.transport.resume_reading()
        if self._ended and not self._waiting():
            self.hang_up()

    def _line(self) -> bool:
        """Obey one line; False when there is none yet, or it has to wait for the replies before it."""
        end = self._buffer.find(b"\n", self._at)
        if end < 0:
            if len(self._buffer) - self._at > LINE_LIMIT:
                self._buffer, self._at, self._skipping = b"", 0, True
            return False
        line = self._buffer[self._at : end + 1]
        fault = None
        if not line.endswith(b"\r\n"):
            fault = replies.BAD_LINE_END
        elif self._skipping or len(line) > LINE_LIMIT:
            fault = replies.LINE_TOO_LONG
        elif _CONTROL.search(line, 0, len(line) - 2):
            fault = replies.BAD_LINE
        verb, _, argument = line[:-2].partition(b" ")
        verb = verb.upper()
        if self.owing() and (fault is not None or not self.may_join(verb)):
            return False
        self._at, self._skipping = end + 1, False
        if self._line_wanted is not None:
            waiter, self._line_wanted = self._line_wanted, None
            # A broken answer is one that the hop cannot take: "*" is how a client gives up (RFC 4954, 4).
            waiter.set_result(b"*" if fault is not None else line[:-2])
        elif fault is None:
            self.command(verb, argument.strip(b" "))
        else:
            self.refuse(fault)
            if fault is replies.BAD_LINE_END:
                # Whoever ends lines otherwise may be carrying a message that was never ended: SMTP smuggling.
                self.hang_up()
        return True

    def _feed(self, data: bytes) -> None:
        assert self._body is not None
        rest = self._body.feed(data)
        if self._body.ended:
            body, self._body = self._body, None
            self._buffer, self._at = rest, 0
            self.body_taken(body)
            if rest or self._out:
                self.pump()

    async def next_line(self) -> bytes:
        """The client's next line, for a task that converses with it (AUTH)."""
        self._line_wanted = waiter = self.loop.create_future()
        self.loop.call_soon(self.pump)
        return cast(bytes, await waiter)

    def eof_received(self) -> bool:
        """A half-closed client still hears the reply to what it sent (not under TLS: there the transport ends)."""
        self._ended = True
        if self._closing and self.transport is not None:
            self.transport.close()
        self.pump()
        return not self.secure and not self._closing

    # Meaning: in ClientSession...

    def proxy_received(self, data: bytes) -> None:
        """Bytes of a balancer's PROXY header."""
        raise NotImplementedError

    def command(self, verb: bytes, argument: bytes) -> None:
        """Obey one command."""
        raise NotImplementedError

    def body_taken(self, body: Body) -> None:
        """The final dot was seen."""
        raise NotImplementedError

    def owing(self) -> bool:
        """True while replies of the hop are awaited."""
        raise NotImplementedError

    def may_join(self, verb: bytes) -> bool:
        """True if this command may go up while replies are awaited."""
        raise NotImplementedError

    def _waiting(self) -> bool:
        return self._task is not None or self.owing()

    # Out...

    def reply(self, reply: Reply) -> None:
        """Have a reply written by the next `flush`; a 421 is the last one (RFC 5321, 3.8)."""
        if self.transport is not None and not self._closing:
            self._out.append(reply.wire)
            if reply.code == 421:
                self.hang_up()

    def flush(self) -> None:
        """Write all replies at once."""
        if self._out:
            out, self._out = self._out, []
            if self.transport is not None:
                self.transport.write(out[0] if len(out) == 1 else b"".join(out))

    def refuse(self, reply: Reply) -> None:
        """Reply to a fault of the client's own; too many of them end the connection."""
        self.front.observer.client_refused("command")
        self._errors += 1
        self.reply(reply)
        if self._errors >= self.front.limits.errors:
            self.reply(replies.TOO_MANY_ERRORS)

    async def push(self, status: str | bytes) -> None:
        """aiosmtpd's own way to reply."""
        if self.transport is not None and not self._closing:
            self._out.append((status.encode("ascii", "replace") if isinstance(status, str) else status) + b"\r\n")

    def pause_writing(self) -> None:
        self._choked = True

    def resume_writing(self) -> None:
        self._choked = False
        self.pump()

    def hang_up(self, at_once: bool = False) -> None:
        """Close when all replies are out; nothing that comes after is obeyed."""
        self.flush()
        if self._closing or self.transport is None:
            return
        self._closing = True
        self.heard_at = self.loop.time()
        if at_once or self._ended or not self.transport.can_write_eof():
            self.transport.close()
        else:
            # Closing while the client still sends makes TCP reset the connection, and the reply is lost to it.
            self.transport.write_eof()
            if self._reading_paused:
                self._reading_paused = False
                self.transport.resume_reading()

    # Time...

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Let the client wait for `work`; then go on with what it sent meanwhile."""
        self._task = task = self.loop.create_task(work)
        task.add_done_callback(self._ran)

    def _ran(self, task: asyncio.Task[None]) -> None:
        self._task = None
        self._line_wanted = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self.front.fault(error)
            self.reply(replies.FAULT)
            self.hang_up()
        self.pump()

    def look_at_the_clock(self, now: float) -> None:
        """Called by the front now and then: silence and dawdling end the connection."""
        idle = self.front.limits.idle
        if self._closing:
            if now - self.heard_at > min(idle, _LINGER) and self.transport is not None:
                self.transport.abort()
            return
        if self._waiting() and self._line_wanted is None:
            return
        if now - self.heard_at > idle or now - self.since > 3 * idle:
            self.front.observer.client_refused("idle")
            self.reply(replies.IDLE)

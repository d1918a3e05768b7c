"""A client's session: what each command means, from the greeting to QUIT.

Law 1: MAIL and RCPT go up as they come and the hop's replies come back; DATA stays here until the flow has decided.
A client that hangs up does not stop the flow: the mail is delivered, held or refused as if it were there.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from typing import Any, cast

from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.errors import HopError, ProtocolError
from mailguard.mail.message import Message
from mailguard.mail.reply import Reply
from mailguard.smtp import auth, replies
from mailguard.smtp.body import Body
from mailguard.smtp.command import Path, check_mail, check_rcpt, no_argument, parse
from mailguard.smtp.connection import Connection
from mailguard.smtp.doorway import Doorway
from mailguard.smtp.features import NOTHING
from mailguard.smtp.link import Link
from mailguard.smtp.proxy import ProxyHeader
from mailguard.smtp.relay import Relay
from mailguard.smtp.transaction import Transaction
from mailguard.smtp.xforward import xforward

_HTTP = frozenset((b"GET", b"POST", b"HEAD", b"PUT", b"CONNECT", b"OPTIONS", b"HOST:", b"USER-AGENT:"))


class ClientSession(Connection):
    """One client, any number of mails, one after the other."""

    def __init__(self, front: Doorway) -> None:
        super().__init__(front)
        self.user: str | None = None
        self.pinned: Link | None = None  # the hop session on which this client authenticated
        self._relay: Relay | None = None
        self._path: Path | None = None  # of MAIL
        # For each MAIL or RCPT on its way up, what its reply is about; a reply of our own that waits its turn.
        self._owed: deque[Recipient | Reply | None] = deque()
        self._recipients: list[Recipient] = []
        self._mail_refused = False
        self._flowing = False
        self._admitted = False

    # Beginning...

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername") or ("", 0)
        self.peer, self.port = str(peer[0]), int(peer[1])
        if self.front.speaks_proxy(self.peer):
            self._proxy = ProxyHeader()
            self.front.joined(self)
        else:
            self._greet()

    def proxy_received(self, data: bytes) -> None:
        assert self._proxy is not None
        try:
            rest = self._proxy.feed(data)
        except ValueError:
            self.front.observer.client_refused("proxy")
            self.hang_up()
            return
        if rest is None:
            return
        if self._proxy.source is not None:
            self.peer, self.port = self._proxy.source
        self._proxy = None
        self._greet()
        if rest:
            self.data_received(rest)

    def _greet(self) -> None:
        refusal = self.front.admit(self)
        if refusal is not None:
            self._out.append(refusal.wire)
            self.hang_up(at_once=True)
            return
        self._admitted = True
        assert self.transport is not None
        self.transport.write(self.front.greeting)

    # Commands...

    def command(self, verb: bytes, argument: bytes) -> None:
        try:
            match verb:
                case b"MAIL":
                    self._mail(argument)
                case b"RCPT":
                    self._rcpt(argument)
                case b"DATA":
                    self._data(argument)
                case b"EHLO" | b"HELO":
                    self._hello(verb, argument)
                case b"RSET":
                    no_argument(argument)
                    self._forget_mail()
                    self.reply(replies.OK)
                case b"NOOP":
                    self.reply(replies.OK)
                case b"QUIT":
                    no_argument(argument)
                    self._forget_mail()
                    self.reply(replies.BYE)
                    self.hang_up(at_once=self._at >= len(self._buffer))
                case _:
                    self._other(verb, argument)
        except ProtocolError as error:
            self._in_turn(Reply.of(error.code, error.enhanced, error.text))

    def _other(self, verb: bytes, argument: bytes) -> None:
        match verb:
            case b"STARTTLS" if self.front.tls is not None and not self.secure:
                no_argument(argument)
                self.run(self._start_tls())
            case b"AUTH" if self.front.settings.auth:
                if self._relay is not None:
                    raise ProtocolError(503, "5.5.1", "AUTH within a mail")
                self.run(self._authenticate_through(argument))
            case b"VRFY" | b"HELP":
                self.reply(replies.CANNOT_VRFY if verb == b"VRFY" else replies.HELP)
            case _ if verb in _HTTP:
                # A browser or a request smuggled over HTTP: what follows is not meant for us.
                self.refuse(replies.NOT_SMTP)
                self.hang_up()
            case _:
                self.refuse(replies.UNKNOWN_COMMAND)

    def _hello(self, verb: bytes, argument: bytes) -> None:
        if not argument:
            raise ProtocolError(501, "5.5.4", f"Syntax: {verb.decode()} hostname")
        self._forget_mail()
        self.session.host_name = argument.decode("ascii", "replace")[:255]
        self.session.extended_smtp = verb == b"EHLO"
        if verb == b"HELO":
            self.reply(Reply(250, (self.hostname.encode(),)))
        elif self.front.hops.features is None and self.pinned is None:
            self.run(self._ehlo_when_known())
        else:
            self._ehlo()

    async def _ehlo_when_known(self) -> None:
        await self.front.learn_features()
        self._ehlo()

    def _ehlo(self) -> None:
        features = self.pinned.features if self.pinned is not None else self.front.hops.features
        self.reply(self.front.ehlo(features or NOTHING, self.secure, self.user is None))

    def _mail(self, argument: bytes) -> None:
        if self.session.host_name is None:
            self.refuse(replies.HELLO_FIRST)
        elif self.front.settings.tls == "required" and not self.secure:
            self.refuse(replies.TLS_FIRST)
        elif self._relay is not None:
            self.refuse(replies.NESTED_MAIL)
        elif self.front.draining:
            self.reply(replies.SHUTTING_DOWN)
        else:
            path = parse(b"MAIL", b"FROM:", argument)
            if path.parameters and not self.session.extended_smtp:
                raise ProtocolError(555, "5.5.4", "Parameters need EHLO")
            link = self.pinned or self.front.hops.take()
            if link is None or not link.idle:
                self.run(self._mail_when_connected(path))
            else:
                self._begin(path, link)

    async def _mail_when_connected(self, path: Path) -> None:
        try:
            if self.pinned is not None:
                await self.pinned.quiet()
            link = self.pinned or await self.front.hops.borrow()
        except HopError:
            self.reply(Reply.of(421, "4.4.2", "Authenticate again") if self.pinned else replies.HOP_DOWN)
            return
        try:
            self._begin(path, link)
        except ProtocolError as error:
            self._in_turn(Reply.of(error.code, error.enhanced, error.text))

    def _begin(self, path: Path, link: Link) -> None:
        if self.transport is None:
            self.front.hops.give_back(link)
            return
        try:
            check_mail(path, link.features, self.front.size_limit(link.features))
        except ProtocolError:
            self.front.hops.give_back(link)
            raise
        forward: tuple[bytes, ...] = ()
        if link.features.xforward and self.front.hops.settings.xforward != "off":
            helo = self.session.host_name or ""
            forward = xforward(link.features.xforward, self.peer, self.port, helo, self.session.extended_smtp)
        self._path = path
        self._relay = Relay(self.front.hops, link, forward, self.front.observer, self._hop_replied)
        self._owed.append(None)
        self._relay.begin(path.line)

    def _rcpt(self, argument: bytes) -> None:
        if self._relay is None:
            self.refuse(replies.MAIL_FIRST)
            return
        unanswered = self._relay.outstanding - (bool(self._owed) and self._owed[0] is None)
        if len(self._recipients) + unanswered >= self.front.limits.recipients:
            self._in_turn(replies.TOO_MANY_RECIPIENTS, fault=False)
            return
        assert self._path is not None
        path = parse(b"RCPT", b"TO:", argument)
        check_rcpt(path, self._relay.link.features, b"SMTPUTF8" in self._path.parameters)
        if path.parameters and not self.session.extended_smtp:
            raise ProtocolError(555, "5.5.4", "Parameters need EHLO")
        recipient = Recipient(path.address, path.options)
        self._owed.append(recipient)
        self._relay.recipient(recipient, path.line)

    def _data(self, argument: bytes) -> None:
        refusal = replies.NO_ARGUMENT if argument else None if self._recipients else replies.NO_RECIPIENTS
        if self._relay is None:
            refusal = replies.MAIL_FIRST
        if refusal is None:
            self._body = Body(self.front.limits, self.front.settings.spool)
            self.since = self.loop.time()
            self.reply(replies.GO_AHEAD)
            return
        self.refuse(refusal)
        if self._at < len(self._buffer):
            # It did not wait for the 354: what follows is a message's text, and must not be obeyed as commands.
            self.hang_up()

    async def _start_tls(self) -> None:
        assert self.transport is not None
        assert self.front.tls is not None
        self._forget_mail()
        self.session.host_name = None
        if self.pinned is not None:
            # RFC 3207, 4.2: what was known of the client before TLS is forgotten.
            self.pinned.quit()
            self.pinned = self.user = self.session.authenticated = None
        # Bytes that came in clear with the command would be obeyed as if they had come under TLS (CVE-2011-0411).
        self._buffer, self._at = b"", 0
        self.reply(replies.TLS_GO_AHEAD)
        self.flush()
        try:
            transport = await self.loop.start_tls(self.transport, self, self.front.tls, server_side=True)
        except OSError:
            transport = None
        self.front.observer.tls("client", transport is not None)
        if transport is None:
            self.hang_up()
            return
        self.transport = transport
        self.secure = True
        self._auth_require_tls = False  # satisfied

    # AUTH...

    async def _authenticate_through(self, argument: bytes) -> None:
        """aiosmtpd's smtp_AUTH checks (EHLO, TLS, once only, mechanism), then calls the hook below."""
        words = argument.decode("ascii", "replace").split()
        await self.smtp_AUTH(" ".join([words[0].upper(), *words[1:]]) if words else "")

    async def _call_handler_hook(self, command: str, *arguments: Any) -> None:
        reply, link, name = await auth.authenticate(self.front.hops, arguments[0], self._challenge)
        if link is None:
            self.refuse(reply)
            return
        if self.transport is None:
            link.quit()
            return
        self.pinned, self.user = link, name
        self.session.authenticated = True
        self.reply(reply)

    async def _challenge(self, reply: Reply) -> bytes:
        self.reply(reply)
        return await self.next_line()

    # The hop's replies...

    def _hop_replied(self, reply: Reply) -> None:
        about = self._owed.popleft()
        if about is None:
            self._mail_refused = not reply.positive
        elif isinstance(about, Recipient) and reply.positive:
            self._recipients.append(about)
        self.reply(reply)
        while self._owed and isinstance(self._owed[0], Reply):
            self.reply(cast(Reply, self._owed.popleft()))
        if self._owed:
            # More replies may be in the same packet; they go on together.
            self.loop.call_soon(self.flush)
        else:
            if self._mail_refused:
                self._forget_mail()
            self.pump()

    def _in_turn(self, reply: Reply, fault: bool = True) -> None:
        """A reply of our own, after those of the hop that are still to come."""
        if self._owed:
            self._errors += fault
            self._owed.append(reply)
        elif fault:
            self.refuse(reply)
        else:
            self.reply(reply)

    def flush(self) -> None:
        super().flush()
        if self._relay is not None and self._relay.link.corked:
            self._relay.flush()

    def owing(self) -> bool:
        return bool(self._owed)

    def may_join(self, verb: bytes) -> bool:
        return verb == b"RCPT" and self._relay is not None and self._relay.link.features.pipelining

    # The mail...

    def body_taken(self, body: Body) -> None:
        if self.transport is None or self._relay is None or self._path is None:
            body.discard()
            return
        if body.fault is not None:
            self._forget_mail()
            self.since = self.loop.time()
            self.refuse(body.fault)
            return
        self.front.observer.bytes_received(body.size)
        message = body.message()
        path, helo, to = self._path, self.session.host_name or "", tuple(self._recipients)
        envelope = Envelope(path.address, to, path.options, self.peer, helo, self.user, self.secure)
        transaction = Transaction(os.urandom(8).hex(), envelope, message, self._relay)
        self._flowing = True
        self._task = task = self.front.run_flow(transaction)
        task.add_done_callback(lambda done: self._flow_done(done, message))

    def _flow_done(self, task: asyncio.Task[Reply], message: Message) -> None:
        if task.cancelled():
            reply = replies.SHUTTING_DOWN
        elif (error := task.exception()) is not None:
            self.front.fault(error)
            reply = replies.FAULT
        else:
            reply = task.result()
        message.close()
        self._task, self._flowing = None, False
        self._forget_mail()
        self.heard_at = self.since = self.loop.time()
        self.reply(reply)
        if self.front.draining:
            self.reply(replies.SHUTTING_DOWN)
        if self.transport is None:
            self._leave()
        else:
            self.pump()

    def _forget_mail(self) -> None:
        relay, self._relay, self._path = self._relay, None, None
        self._recipients = []
        self._owed.clear()
        self._mail_refused = False
        if relay is not None:
            relay.release()

    # Ending...

    def drain(self) -> None:
        """Go now, or after the mail that is under way."""
        if self._relay is None and self._task is None:
            self.reply(replies.SHUTTING_DOWN)
            self.hang_up()

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._closing = True
        if self._body is not None:
            self._body.discard()
            self._body = None
        if not self._flowing:
            self._leave()
        self.front.left(self, self._admitted)

    def _leave(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._forget_mail()
        if self.pinned is not None:
            self.pinned.quit()

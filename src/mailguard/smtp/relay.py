"""MAIL and RCPTs of one client's mail, passed up as they come on a borrowed hop session.

Law 1: the hop's replies reach the client as they are. A session that dies before DATA is replayed once on a new one,
if all its replies repeat; else the mail is 451. A reply "repeats" when its code and its enhanced code are the same:
many servers put a session's own id in the words.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence

from mailguard.mail.envelope import Recipient
from mailguard.mail.errors import HopError, ReplyLost
from mailguard.mail.message import Message
from mailguard.mail.reply import Reply
from mailguard.smtp import replies
from mailguard.smtp.delivery import send_message
from mailguard.smtp.hop import HopPool
from mailguard.smtp.link import Link
from mailguard.smtp.observer import Observer

_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?= |\Z)")

OnReply = Callable[[Reply], None]


class Relay:
    """The hop's side of one transaction, from its MAIL until `deliver` or `abandon`."""

    def __init__(self, hops: HopPool, link: Link, forward: Sequence[bytes], observer: Observer, on_reply: OnReply):
        self._hops, self.link, self._forward, self._observer = hops, link, forward, observer
        self._on_reply = on_reply
        self._commands: list[tuple[str, bytes]] = []  # MAIL, then RCPTs, as sent
        self._replies: list[Reply] = []  # to them, as far as they came and were told
        self._lines: dict[Recipient, bytes] = {}
        self._replayed = link.pinned  # no other session may stand in for an authenticated one
        self._replaying: asyncio.Task[None] | None = None
        self.settled = False  # the session was given back or dropped
        self.dot_sent = False

    # Passing on...

    def begin(self, line: bytes) -> None:
        """Send MAIL, with the client's particulars before it where the hop takes XFORWARD; `flush` to send it."""
        self.link.corked = True
        for command in self._forward:
            self.link.send("XFORWARD", command, self._forwarded)
        self._say("MAIL", line)

    def recipient(self, recipient: Recipient, line: bytes) -> None:
        """Send a RCPT."""
        self._lines[recipient] = line
        self.link.corked = True
        self._say("RCPT", line)

    def flush(self) -> None:
        """What was begun since the last flush goes up in one write."""
        self.link.uncork()

    def _say(self, verb: str, line: bytes) -> None:
        self._commands.append((verb, line))
        if self._replaying is None:
            self.link.send(verb, line, self._heard)

    @property
    def outstanding(self) -> int:
        """Commands that were not answered yet."""
        return len(self._commands) - len(self._replies)

    def _forwarded(self, reply: Reply | None) -> None:
        """A hop that offers XFORWARD and refuses it still takes the mail; it only knows less."""

    def _heard(self, reply: Reply | None) -> None:
        if self.settled:
            return
        # 421 on a session that was lent before: most often it had been idle too long for the hop.
        if (reply is None or reply.code == 421) and not self._replayed:
            self._start_replay()
        elif self._replaying is None:
            self._tell(replies.HOP_LOST if reply is None else reply)

    def _tell(self, reply: Reply) -> None:
        self._replies.append(reply)
        self._on_reply(reply)

    # Replaying...

    def _start_replay(self) -> None:
        if self._replaying is None:
            self._replayed = True
            self._replaying = asyncio.get_running_loop().create_task(self._replay())

    async def _replay(self) -> None:
        try:
            await self._repeat()
        except HopError:
            self.link.abort()
            while self.outstanding:
                self._tell(replies.HOP_LOST)
        finally:
            self._replaying = None

    async def _repeat(self) -> None:
        self.link.abort()
        self.link = await self._hops.connect()
        forward = [("XFORWARD", line) for line in self._forward]
        heard = (await self.link.exchange(forward + self._commands))[len(forward) :]
        for said, again in zip(self._replies, heard, strict=False):
            if again is None or not _repeats(said, again):
                raise HopError("the replies did not repeat")
        while True:
            for reply in heard[len(self._replies) :]:
                if reply is None:
                    raise HopError("lost again")
                self._tell(reply)
            if not self.outstanding:
                return
            heard += await self.link.exchange(self._commands[len(heard) :])

    async def _ready(self) -> Link:
        """The session with MAIL and RCPTs said, replayed if need be. Raises HopError."""
        if not self.link.alive and not self._replayed:
            self._start_replay()
        if self._replaying is not None:
            await asyncio.shield(self._replaying)
        if not self.link.alive:
            raise HopError("the session was lost before DATA")
        return self.link

    # Ending...

    async def deliver(self, message: Message, chosen: Sequence[Recipient] | None) -> Reply:
        """DATA and the message; `chosen` RCPTs alone where it is not None. See `Transaction.deliver`."""
        if self.settled:
            raise HopError("this transaction has ended")
        try:
            reply = await self._deliver(message, chosen)
        except BaseException:
            self.drop()
            raise
        self.settled = True
        if reply.code == 421:
            self.link.quit()
        else:
            self._hops.give_back(self.link, dirty=not self.dot_sent)
        return reply

    async def _deliver(self, message: Message, chosen: Sequence[Recipient] | None) -> Reply:
        limit = (await self._ready()).features.size_limit
        if limit and message.size > limit:
            return replies.TOO_BIG
        go = await self._data(chosen)
        if (go is None or go.code == 421) and not self._replayed:
            self.link.abort()
            go = await self._data(chosen)
        if go is None:
            raise HopError("lost at DATA")
        if go.code != 354:
            if go.code < 400:
                raise HopError("DATA was answered with no 354")
            return go
        reply = await send_message(self.link, message, self._on_dot)
        if 300 <= reply.code < 400:
            raise ReplyLost("the final dot was answered out of order")
        if reply.positive:
            self._observer.bytes_delivered(message.size)
        return reply

    async def _data(self, chosen: Sequence[Recipient] | None) -> Reply | None:
        link = await self._ready()
        if chosen is not None:
            again = [("RSET", b"RSET\r\n"), self._commands[0], *(("RCPT", self._lines[each]) for each in chosen)]
            heard = await link.exchange(again)
            if None in heard:
                return None
            if not all(reply is not None and reply.positive for reply in heard):
                raise HopError("a recipient that was accepted is refused now")
        return await link.ask("DATA", b"DATA\r\n")

    def _on_dot(self) -> None:
        self.dot_sent = True

    async def abandon(self) -> None:
        """RSET the hop's side and give the session back. No error: what cannot be reset is dropped."""
        if self._replaying is not None or self.outstanding:
            self.drop()
        self.release()

    def release(self) -> None:
        """As `abandon`, without waiting; safe to call at any time."""
        if self.settled:
            return
        if self._replaying is not None or self.outstanding or not self.link.alive:
            self.drop()
            return
        self.settled = True
        # A refused MAIL leaves nothing to reset.
        self._hops.give_back(self.link, dirty=bool(self._replies and self._replies[0].positive))

    def drop(self) -> None:
        """Hang up on the hop: what was begun is not to be taken."""
        if self.settled:
            return
        self.settled = True
        if self._replaying is not None:
            self._replaying.cancel()
        self.link.abort()


def _repeats(said: Reply, again: Reply) -> bool:
    return said.code == again.code and _enhanced(said) == _enhanced(again)


def _enhanced(reply: Reply) -> bytes:
    match = _ENHANCED.match(reply.lines[0])
    return match[0] if match else b""

"""One mail as the front gives it to the flow, after its final dot.

Law: the flow answers; it delivers or abandons. What it leaves open, the front abandons: DATA never goes up by default.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.message import Message
from mailguard.mail.reply import Reply
from mailguard.smtp.relay import Relay


class Transaction:
    """`envelope` has the accepted recipients only. The front closes `message` when the flow has returned.

    `id` is short, unique, and fit for Received and logs.
    """

    __slots__ = ("_relay", "envelope", "id", "message")

    def __init__(self, id: str, envelope: Envelope, message: Message, relay: Relay) -> None:
        self.id, self.envelope, self.message = id, envelope, message
        self._relay = relay

    async def deliver(self, message: Message, recipients: Sequence[Recipient] | None = None) -> Reply:
        """DATA upstream; gives the hop's own final reply (or its refusal of DATA).

        `recipients`: None is all, as accepted; a subset is said again after RSET and MAIL.
        Raises HopError (nothing was delivered: 451), ReplyLost (the dot was sent, no reply came: law 1),
        ProtocolError (the bytes are not clean), KeyError (a recipient that was not accepted here).
        A session that died is replayed once, inside. Cancelling it hangs up on the hop.
        """
        chosen = None if recipients is None or tuple(recipients) == self.envelope.recipients else recipients
        return await self._relay.deliver(message, chosen)

    async def abandon(self) -> None:
        """End the hop's side without a message: hold, block, warn, rerouted. Never raises; may be called twice."""
        await self._relay.abandon()


Flow = Callable[[Transaction], Awaitable[Reply]]

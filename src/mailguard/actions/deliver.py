"""Passes a mail on, as it is or tagged. Law: the next hop's own reply is the client's (design law 1)."""

from __future__ import annotations

from mailguard.actions.handling import Handling, Outcome
from mailguard.actions.outgoing import outgoing
from mailguard.smtp.transaction import Transaction


async def apply(handling: Handling) -> Outcome:
    """DATA on the session the client's MAIL and RCPTs already went up on."""
    return Outcome.of_hop(await handling.transaction.deliver(await outgoing(handling)))


async def untouched(transaction: Transaction, received: bytes) -> Outcome:
    """A mail that is not a member's: our trace field in front, and nothing else."""
    return Outcome.of_hop(await transaction.deliver(transaction.message.with_field(received)))

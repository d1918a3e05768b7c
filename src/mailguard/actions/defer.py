"""Asks the client to try again. Law: what could not be judged is never passed (design law 3)."""

from __future__ import annotations

from mailguard.actions.handling import Handling, Outcome
from mailguard.mail.reply import Reply

LATER = Reply.of(451, "4.7.1", "The mail could not be checked now; please try again later")


async def apply(handling: Handling) -> Outcome:
    """451: the client keeps the mail."""
    await handling.transaction.abandon()
    return Outcome(LATER, "deferred")

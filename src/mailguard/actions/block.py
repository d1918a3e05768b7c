"""Refuses a mail for good. Law: a case number, plain words and a link; no content (users.md 4d.9)."""

from __future__ import annotations

from mailguard.actions.cases import new_case
from mailguard.actions.handling import Handling, Outcome
from mailguard.actions.words import sentence
from mailguard.mail.reply import Reply


async def apply(handling: Handling) -> Outcome:
    """550 5.7.1 with the case, which is committed before the reply."""
    await handling.transaction.abandon()
    case = await handling.services.store.cases.open(new_case(handling, "blocked"))
    text = f"Not sent: {sentence(handling.verdict)} Case {case.number}"
    link = handling.services.link(case.number)
    return Outcome(Reply.of(550, "5.7.1", f"{text}, {link}" if link else text), "blocked", case.number)

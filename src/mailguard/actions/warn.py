"""Refuses a mail once and lets the sender confirm it. Law: a token never lifts a hold or a block.

The reply carries a token; the same mail sent again with `[confirm TOKEN]` or `[confirm TOKEN: reason]` in its
subject passes once, with the mark taken out again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mailguard.actions import deliver, encrypt
from mailguard.actions.cases import new_case
from mailguard.actions.handling import Handling, Outcome
from mailguard.actions.signing import covers
from mailguard.actions.words import sentence
from mailguard.mail.body import new_text_hash
from mailguard.mail.message import Message
from mailguard.mail.reply import Reply
from mailguard.policy.action import Action
from mailguard.store.cases import CONFIRMED, WARNED

_TOKEN = re.compile(rb"(?i)[ \t]*\[confirm[ \t]+([a-z0-9]{10})(?:[ \t:,\-]+([^\]\r\n]{0,300}))?\][ \t]*")
_SUBJECT = re.compile(rb"(?im)^subject[ \t]*:((?:[^\r\n]|\r\n[ \t])*)\r\n")


@dataclass(frozen=True)
class Confirmation:
    """A token found in a subject, with the sender's reason, and the message without it."""

    token: str
    reason: str
    message: Message


async def confirmation(message: Message) -> Confirmation | None:
    """The confirmation in the subject, if there is one. The subject is unfolded where the mark is taken out,
    and left as it is where a DKIM signature covers it (design law 2)."""
    subject = _SUBJECT.search(message.head)
    if not subject or b"confirm" not in subject.group(1).lower():
        return None
    unfolded = re.sub(rb"\r\n[ \t]", b" ", subject.group(1))
    found = _TOKEN.search(unfolded)
    if not found:
        return None
    rest = (unfolded[: found.start()] + b" " + unfolded[found.end() :]).strip()
    head = message.head[: subject.start()] + b"Subject: " + rest + b"\r\n" + message.head[subject.end() :]
    reason = (found.group(2) or b"").decode("utf-8", "replace").strip()
    token = found.group(1).decode("ascii").upper()
    return Confirmation(token, reason, message if await covers(message, "subject") else message.with_head(head))


def bound_to(handling: Handling) -> tuple[str, list[str], list[str], str]:
    """What a token is bound to: sender, clauses, recipients, hash of the new text (design section 3)."""
    return (
        handling.envelope.sender.lower(),
        sorted(hit.clause.id for hit in handling.verdict.asks(Action.WARN)),
        sorted(handling.mail.audience.everyone),
        new_text_hash(handling.mail.contents),
    )


async def apply(handling: Handling) -> Outcome:
    """550 5.7.1 with the token; case and token are committed before the reply."""
    await handling.transaction.abandon()
    store = handling.services.store
    case = await store.cases.open(new_case(handling, WARNED))
    token = await store.tokens.issue(*bound_to(handling), case.number)
    text = (
        f"Not sent: {sentence(handling.verdict)} "
        f"To send it all the same, put [confirm {token}] in the subject and send again. Case {case.number}"
    )
    return Outcome(Reply.of(550, "5.7.1", text), "warned", case.number)


async def confirm(handling: Handling, confirmed: Confirmation) -> Outcome:
    """Redeem the token and pass the mail on by what else its clauses ask; without a valid token, what they ask.

    A mail that goes to fewer than was warned of may need no token any more: the mark is taken out all the same.
    """
    tokens, cases = handling.services.store.tokens, handling.services.store.cases
    case = await tokens.redeem(confirmed.token, *bound_to(handling), confirmed.reason)
    milder = max((hit.do for hit in handling.verdict.hits if hit.effective and not hit.do.stops), default=Action.PASS)
    step = encrypt.apply if milder is Action.ENCRYPT else deliver.apply
    if case is None:
        return await (apply if handling.verdict.action is Action.WARN else step)(handling)
    again = replace(handling, verdict=replace(handling.verdict, action=milder), message=confirmed.message)
    try:
        outcome = await step(again)
    except BaseException:
        await tokens.restore(confirmed.token)
        raise
    if not outcome.delivered:
        await tokens.restore(confirmed.token)
        return outcome

    async def follow_up() -> str:
        await cases.change(case, CONFIRMED, "the sender", confirmed.reason, expect={WARNED})
        return await outcome.follow_up() if outcome.follow_up else case

    return replace(outcome, ended="confirmed", case=case, follow_up=follow_up)

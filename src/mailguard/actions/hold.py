"""Keeps a mail until a person decides. Law: body fsynced and row committed before 250 (design law 1)."""

from __future__ import annotations

from functools import partial

from mailguard.actions.cases import new_case, notify
from mailguard.actions.encrypt import route_name, split
from mailguard.actions.handling import NEXT_HOP, Handling, Outcome
from mailguard.mail.reply import Reply
from mailguard.policy.action import Action
from mailguard.store.store import Leg


async def apply(handling: Handling) -> Outcome:
    """250 once all is durable; the bytes are kept as they came. Raises StoreFull (452), StoreError (451)."""
    await handling.transaction.abandon()
    store = handling.services.store
    # Released, it is relayed mail like any other: it says where and when it came in, and a loop is told by that.
    kept = handling.transaction.message.with_field(handling.received)
    case = await store.hold(new_case(handling, "held"), kept, plan=_plan(handling))
    reply = Reply.of(250, "2.0.0", f"Kept for a decision, case {case.number}")
    return Outcome(reply, "held", case.number, follow_up=partial(notify, handling.services, case, "held"))


def _plan(handling: Handling) -> list[Leg]:
    """What a release will send: a mail that was also to be encrypted is encrypted then (design section 3)."""
    everyone = handling.envelope.recipients
    plain, secret = split(handling) if handling.verdict.asks(Action.ENCRYPT) else (everyone, ())
    legs = [Leg(NEXT_HOP, handling.only(plain))] if plain else []
    return [*legs, Leg(route_name(handling), handling.only(secret))] if secret else legs

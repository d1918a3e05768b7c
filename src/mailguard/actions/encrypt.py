"""Sends what leaves the network by the secure route. Law: two legs, stored before the first leg's dot (law 1).

Recipients inside the network, or at domains recorded as secure, get the plain leg on the client's own hop
session; the others the encrypted leg. Where nobody gets the plain leg the secure route answers the client.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mailguard.actions.cases import new_case, notify
from mailguard.actions.handling import Handling, Outcome, Route
from mailguard.actions.outgoing import outgoing
from mailguard.actions.signing import covers
from mailguard.mail.envelope import Recipient
from mailguard.mail.errors import HopError
from mailguard.mail.message import Message
from mailguard.mail.reply import Reply
from mailguard.notices.dsn import Status
from mailguard.policy.action import Action
from mailguard.smtp.delivery import obstacle
from mailguard.store.cases import ENCRYPTED, Case
from mailguard.store.deliveries import LEG, NewDelivery

_SUBJECT = re.compile(rb"(?im)^subject[ \t]*:[ \t]*")


NO_ROUTE = Reply.of(451, "4.3.5", "Not sent yet: it must be encrypted, and no secure route is set up")
SIGNED = Reply.of(554, "5.7.5", "Not sent: it must be encrypted, and its signature forbids the mark that asks for it")


class TriggerError(Exception):
    """The secure route's trigger cannot be set without breaking a signature."""


async def trigger(message: Message, route: Route) -> Message:
    """The message with what the encryption gateway wants to see. Raises TriggerError (never sends in clear)."""
    if route.header:
        message = message.with_field(f"{route.header}\r\n".encode("ascii"))
    prefix = route.subject_prefix.encode("ascii")
    if not prefix:
        return message
    head = message.head
    subject = _SUBJECT.search(head)
    if subject and head[subject.end() :].lower().startswith(prefix.strip().lower()):
        return message
    if await covers(message, "subject"):
        if route.header:
            return message
        raise TriggerError("the subject is signed and the route has no header trigger")
    if subject is None:
        return message.with_field(b"Subject: " + prefix.rstrip() + b"\r\n")
    return message.with_head(head[: subject.end()] + prefix + head[subject.end() :])


def route_name(handling: Handling) -> str:
    """The route the first encrypting clause names."""
    return handling.verdict.asks(Action.ENCRYPT)[0].clause.route


def split(handling: Handling) -> tuple[tuple[Recipient, ...], tuple[Recipient, ...]]:
    """Recipients of the plain and of the encrypted leg."""
    leaving = handling.mail.audience.leaving
    secret = tuple(item for item in handling.envelope.recipients if item.address.lower() in leaving)
    plain = tuple(item for item in handling.envelope.recipients if item.address.lower() not in leaving)
    return plain, secret


async def apply(handling: Handling) -> Outcome:
    """Deliver both legs, or the one there is."""
    plain, secret = split(handling)
    message = await outgoing(handling)
    if not secret:
        return Outcome.of_hop(await handling.transaction.deliver(message))
    route = handling.services.routes.get(route_name(handling))
    if route is None:
        return await _refuse(handling, NO_ROUTE)
    try:
        sealed = await trigger(message, route)
    except TriggerError:
        return await _refuse(handling, SIGNED)
    if plain:
        if reply := await _obstacle(handling, route, sealed, secret):
            return await _refuse(handling, reply)
        return await _two_legs(handling, route, (message, plain), (sealed, secret))
    return await _one_leg(handling, route, sealed, secret)


async def _refuse(handling: Handling, reply: Reply) -> Outcome:
    await handling.transaction.abandon()
    return Outcome(reply, "refused")


async def _obstacle(
    handling: Handling, route: Route, message: Message, recipients: tuple[Recipient, ...]
) -> Reply | None:
    """Why the secure route can never carry its leg (law 2: said before any leg is sent); a route that is down may."""
    try:
        features = await route.hop.features_now()
    except HopError:
        return None
    return obstacle(features, handling.only(recipients), message)


async def _two_legs(
    handling: Handling,
    route: Route,
    plain: tuple[Message, tuple[Recipient, ...]],
    secret: tuple[Message, tuple[Recipient, ...]],
) -> Outcome:
    deliveries = handling.services.store.deliveries
    leg = await _store_leg(handling, route, *secret)
    try:
        reply = await handling.transaction.deliver(*plain)
    except BaseException:
        await deliveries.drop([leg])
        raise
    if not reply.positive:
        await deliveries.drop([leg])
        return Outcome.of_hop(reply)
    case = await handling.services.store.promote([leg], new_case(handling, ENCRYPTED))
    return _encrypted(handling, reply, case)


async def _one_leg(handling: Handling, route: Route, message: Message, recipients: tuple[Recipient, ...]) -> Outcome:
    """Nobody gets the plain leg: the secure route answers. What it refuses at RCPT is stored before its dot."""
    await handling.transaction.abandon()
    deliveries = handling.services.store.deliveries
    stored: list[str] = []

    async def forget() -> None:
        if stored:
            await deliveries.drop(stored)
            stored.clear()

    async def keep_refused(replies: Sequence[tuple[Recipient, Reply]]) -> None:
        await forget()
        left = tuple(recipient for recipient, reply in replies if not reply.positive)
        if left:
            stored.append(await _store_leg(handling, route, message, left))

    try:
        delivery = await route.hop.deliver(handling.only(recipients), message, before_data=keep_refused)
    except BaseException:
        await forget()
        raise
    final = delivery.final or next(reply for _, reply in delivery.recipients if not reply.positive)
    if not final.positive:
        await forget()
        return Outcome.of_hop(final)
    case = await handling.services.store.promote(stored, new_case(handling, ENCRYPTED)) if stored else None
    taken = [recipient for recipient, reply in delivery.recipients if reply.positive]
    return _encrypted(handling, final, case, relayed(route, taken))


async def _store_leg(handling: Handling, route: Route, message: Message, recipients: Sequence[Recipient]) -> str:
    """Seal the leg and commit its row; gives the delivery's id."""
    new = NewDelivery(kind=LEG, route=route.name, envelope=handling.only(tuple(recipients)))
    store = handling.services.store
    return (await store.legs([(new, message)]))[0].id


def relayed(route: Route, recipients: Iterable[Recipient]) -> list[Status]:
    """Recipients handed to a hop that makes no DSN: who asked for SUCCESS is told `relayed` (RFC 3461, 5.2.2)."""
    features = route.hop.features
    if features is None or "DSN" in features.keywords:
        return []
    return [status for item in recipients if (status := Status(item, "relayed")).wanted]


def _encrypted(handling: Handling, reply: Reply, case: Case | None = None, report: Sequence[Status] = ()) -> Outcome:
    """The mail is on its way: its case, where it has none yet, and the notice follow."""
    services = handling.services

    async def follow_up() -> str:
        made = case or await services.store.cases.open(new_case(handling, ENCRYPTED))
        if told := services.dsn(handling.envelope, handling.message, report):
            await services.store.send(*told)
        return await notify(services, made, "encrypted")

    return Outcome(reply, "encrypted", case.number if case else "", delivered=True, follow_up=follow_up)

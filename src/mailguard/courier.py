"""Delivers what mailguard stored: legs, releases, notices, DSNs. Law: leased, retried, and never silently given up.

A release is sent once: where its final reply is lost the case becomes `delivery uncertain` and a person decides.
The others are tried again until they expire (RFC 5321, 4.5.4.1); what is refused for good makes a DSN (law 1).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from structlog.typing import FilteringBoundLogger

from mailguard.actions.cases import notify
from mailguard.actions.encrypt import TriggerError, relayed, trigger
from mailguard.actions.handling import Services
from mailguard.mail.envelope import Recipient
from mailguard.mail.errors import HopError, ProtocolError, ReplyLost, StoreError
from mailguard.mail.message import Message
from mailguard.mail.reply import Reply
from mailguard.notices.dsn import Status
from mailguard.observe.metrics import Metrics
from mailguard.smtp.delivery import Delivery as Sent
from mailguard.store.deliveries import DSN, LEG, RELEASE, Delivery, NewDelivery
from mailguard.store.errors import LeaseLost, NotFound, Tampered

PAUSE = 1.0
LEASE = 45.0
"""Seconds; so soon another takes over what a gateway that died left behind."""
RENEW = 15.0
ATTEMPT = 270.0
BATCH = 10
NO_ROUTE = Reply.of(451, "4.3.5", "The route of this mail is not configured")
WAITS = (30, 60, 300, 900, 1800, 3600)
"""Seconds to wait after the first, second, ... failed attempt; the last one holds for all that follow."""


class Courier:
    """One a gateway. Several on one database share the work by leases."""

    def __init__(self, services: Services, metrics: Metrics, log: FilteringBoundLogger, name: str) -> None:
        self.services, self._metrics, self._log, self._name = services, metrics, log, name
        self._wake = asyncio.Event()
        self._ending = False

    def wake(self) -> None:
        """Something was stored: look at once."""
        self._wake.set()

    def end(self) -> None:
        """Take up nothing more; `run` returns when what is under way has been recorded.

        A mail that the hop has and no row knows of would be sent again.
        """
        self._ending = True
        self._wake.set()

    async def run(self) -> None:
        """Deliver until `end`. A store that does not answer is waited for."""
        while not self._ending:
            try:
                busy = await self.once()
            except StoreError as error:
                self._log.error("courier", fault=type(error).__name__)
                busy = False
            if not busy:
                await self._rest()

    async def once(self) -> bool:
        """One round: whatever is due. True where there was something to do."""
        leased = await self.services.store.deliveries.lease(self._name, BATCH, LEASE)
        await asyncio.gather(*(self._attempt(delivery) for delivery in leased))
        await self._measure()
        return bool(leased)

    async def _rest(self) -> None:
        self._wake.clear()
        if self._ending:
            return
        try:
            await asyncio.wait_for(self._wake.wait(), PAUSE)
        except TimeoutError:
            return

    async def _attempt(self, delivery: Delivery) -> None:
        message: Message | None = None
        keeping = asyncio.create_task(self._keep(delivery))
        try:
            message = await self.services.store.bodies.open(delivery.body or "")
            async with asyncio.timeout(ATTEMPT):
                await self._deliver(delivery, message)
        except NotFound as error:
            # Shared storage may be away for a while: wait for it, until the delivery expires.
            if self.services.store.clock() >= delivery.expires:
                await self.services.store.deliveries.failed(delivery, type(error).__name__)
            self._log.error("courier", kind=delivery.kind, fault=type(error).__name__)
        except Tampered as error:
            await self.services.store.deliveries.failed(delivery, type(error).__name__)
            self._log.error("courier", kind=delivery.kind, fault=type(error).__name__)
        except TimeoutError:
            self._log.warning("courier", kind=delivery.kind, state="late")
        except LeaseLost:
            self._log.warning("courier", kind=delivery.kind, state="lease lost")
        except StoreError as error:
            self._log.error("courier", kind=delivery.kind, fault=type(error).__name__)
        finally:
            keeping.cancel()
            if message is not None:
                message.close()

    async def _keep(self, delivery: Delivery) -> None:
        """Renew the lease while the attempt lasts; a lease that is lost shows when the attempt writes."""
        while True:
            await asyncio.sleep(RENEW)
            try:
                await self.services.store.deliveries.renew(delivery, LEASE)
            except LeaseLost:
                return
            except StoreError as error:
                self._log.warning("courier", kind=delivery.kind, fault=type(error).__name__)

    async def _deliver(self, delivery: Delivery, message: Message) -> None:
        deliveries = self.services.store.deliveries
        route = self.services.routes.get(delivery.route)
        if route is None:
            await self._again(delivery, message, (), delivery.envelope.recipients, NO_ROUTE)
            return
        try:
            outgoing = await trigger(message, route) if delivery.kind == RELEASE else message
            sent = await route.hop.deliver(delivery.envelope, outgoing, before_data=partial(self._sending, delivery))
        except ReplyLost:
            if delivery.kind == RELEASE:
                await deliveries.uncertain(delivery)
                if delivery.case:
                    await notify(self.services, await self.services.store.cases.get(delivery.case), "uncertain")
            else:
                await self._again(delivery, message, (), delivery.envelope.recipients, None)
        except HopError:
            await self._again(delivery, message, (), delivery.envelope.recipients, None)
        except (ProtocolError, TriggerError):
            refused = Reply.of(554, "5.6.0", "The mail cannot be sent by this route")
            await self._fail(delivery, message, [(item, refused) for item in delivery.envelope.recipients])
        else:
            await self._settle(delivery, message, sent)

    async def _sending(self, delivery: Delivery, _: Sequence[tuple[Recipient, Reply]]) -> None:
        await self.services.store.deliveries.sending(delivery)

    async def _settle(self, delivery: Delivery, message: Message, sent: Sent) -> None:
        """Sort the recipients: taken, refused for good, to be tried again."""
        final = sent.final
        replies = [
            (recipient, final if reply.positive and final is not None else reply)
            for recipient, reply in sent.recipients
        ]
        refused = [(recipient, reply) for recipient, reply in replies if reply.permanent]
        left = tuple(recipient for recipient, reply in replies if not reply.permanent and not reply.positive)
        if left:
            last = next(reply for _, reply in reversed(replies) if not reply.permanent and not reply.positive)
            await self._again(delivery, message, refused, left, last)
        elif refused and len(refused) == len(replies):
            await self._fail(delivery, message, refused)
        else:
            taken = relayed(self.services.routes[delivery.route], [item for item, reply in replies if reply.positive])
            await self._done(delivery, message, refused, taken, _words(final))

    async def _done(
        self,
        delivery: Delivery,
        message: Message,
        refused: Sequence[tuple[Recipient, Reply | None]],
        taken: Sequence[Status],
        words: str,
    ) -> None:
        """The hop has it: record that, asking a store that fails until ATTEMPT, for the mail would be sent again."""
        while True:
            try:
                report = await self._report(delivery, message, refused, taken)
                await self.services.store.deliveries.done(delivery, words, then=report)
                return
            except (LeaseLost, NotFound):
                raise
            except StoreError as error:
                self._log.warning("courier", kind=delivery.kind, state="not recorded", fault=type(error).__name__)
                await asyncio.sleep(PAUSE)

    async def _again(
        self,
        delivery: Delivery,
        message: Message,
        refused: Sequence[tuple[Recipient, Reply]],
        left: tuple[Recipient, ...],
        reply: Reply | None,
    ) -> None:
        now = self.services.store.clock()
        if now >= delivery.expires:
            expired = [(recipient, reply) for recipient in left]
            await self._fail(delivery, message, [*refused, *expired])
            return
        wait = timedelta(seconds=WAITS[min(delivery.attempts, len(WAITS)) - 1])
        report = await self._report(delivery, message, refused)
        when = min(now + wait, delivery.expires)
        await self.services.store.deliveries.retry(delivery, left, when, _words(reply), then=report)
        self._log.info("courier", kind=delivery.kind, route=delivery.route, state="later", attempt=delivery.attempts)

    async def _fail(
        self, delivery: Delivery, message: Message, refused: Sequence[tuple[Recipient, Reply | None]]
    ) -> None:
        report = await self._report(delivery, message, refused)
        words = _words(refused[-1][1] if refused else None)
        await self.services.store.deliveries.failed(delivery, words, then=report)
        self._log.warning("courier", kind=delivery.kind, route=delivery.route, state="failed")

    async def _report(
        self,
        delivery: Delivery,
        message: Message,
        refused: Sequence[tuple[Recipient, Reply | None]],
        taken: Sequence[Status] = (),
    ) -> NewDelivery | None:
        """The DSN for what was refused, sealed and ready to be stored with the delivery's end."""
        failed = [Status(recipient, "failed", reply) for recipient, reply in refused]
        if delivery.kind not in (LEG, RELEASE):
            return None
        made = self.services.dsn(delivery.envelope, message, [*failed, *taken], delivery.case)
        if made is None:
            return None
        new, report = made
        body = await self.services.store.bodies.put(report)
        return replace(new, body=body.id)

    async def _measure(self) -> None:
        waiting = await self.services.store.deliveries.counts()
        for kind in (LEG, RELEASE, DSN, "notice"):
            self._metrics.waiting(kind, waiting.by_kind.get(kind, 0))
        held, oldest = await self.services.store.cases.held()
        self._metrics.held_messages.set(held)
        age = (self.services.store.clock() - oldest).total_seconds() if oldest else 0.0
        self._metrics.held_oldest.set(age)


def _words(reply: Reply | None) -> str:
    """A hop's reply as kept with the delivery."""
    if reply is None:
        return "no reply"
    return f"{reply.code} " + " / ".join(line.decode("ascii", "replace") for line in reply.lines)

"""Delivers what mailguard stored: legs, releases, notices, DSNs. Law: leased, retried, and never silently given up.

A release is sent once: where its final reply is lost the case becomes `delivery uncertain` and a person decides.
The others are tried again until they expire (RFC 5321, 4.5.4.1); what is refused for good makes a DSN (law 1).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from structlog.typing import FilteringBoundLogger

from mailguard.actions.cases import notify
from mailguard.actions.encrypt import TriggerError, relayed, trigger
from mailguard.actions.handling import Route, Services
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
        route, everyone = self.services.routes.get(delivery.route), delivery.envelope.recipients
        if route is None:
            await self._again(delivery, message, everyone, NO_ROUTE)
            return
        try:
            outgoing = await trigger(message, route) if delivery.kind == RELEASE else message
            sending = partial(self._sending, delivery)
            async with asyncio.timeout(ATTEMPT):
                sent = await route.hop.deliver(delivery.envelope, outgoing, before_data=sending)
        except (ReplyLost, TimeoutError):
            if delivery.kind == RELEASE:
                await deliveries.uncertain(delivery)
                if delivery.case:
                    await notify(self.services, await self.services.store.cases.get(delivery.case), "uncertain")
            else:
                await self._again(delivery, message, everyone, None)
        except HopError:
            await self._again(delivery, message, everyone, None)
        except (ProtocolError, TriggerError):
            refused = Reply.of(554, "5.6.0", "The mail cannot be sent by this route")
            await self._fail(delivery, message, [Status(item, "failed", refused) for item in everyone])
        else:
            await self._recorded(delivery, partial(self._settle, delivery, message, route, sent))

    async def _recorded(self, delivery: Delivery, settle: Callable[[], Awaitable[None]]) -> None:
        """The hop has it: record that, asking a store that fails until ATTEMPT, for the mail would be sent again."""
        async with asyncio.timeout(ATTEMPT):
            while True:
                try:
                    return await settle()
                except LeaseLost:
                    raise
                except StoreError as error:
                    self._log.warning("courier", kind=delivery.kind, state="not recorded", fault=type(error).__name__)
                    await asyncio.sleep(PAUSE)

    async def _sending(self, delivery: Delivery, _: Sequence[tuple[Recipient, Reply]]) -> None:
        await self.services.store.deliveries.sending(delivery)

    async def _settle(self, delivery: Delivery, message: Message, route: Route, sent: Sent) -> None:
        """Sort the recipients: taken, refused for good, to be tried again."""
        final = sent.final
        replies = [
            (recipient, final if reply.positive and final is not None else reply)
            for recipient, reply in sent.recipients
        ]
        taken = [recipient for recipient, reply in replies if reply.positive]
        told = relayed(route, taken) + [Status(item, "failed", reply) for item, reply in replies if reply.permanent]
        left = [(recipient, reply) for recipient, reply in replies if not reply.permanent and not reply.positive]
        if left:
            await self._again(delivery, message, tuple(item for item, _ in left), left[-1][1], told)
        elif taken:
            report = await self._report(delivery, message, told)
            await self.services.store.deliveries.done(delivery, _words(final), then=report)
        else:
            await self._fail(delivery, message, told)

    async def _again(
        self,
        delivery: Delivery,
        message: Message,
        left: tuple[Recipient, ...],
        reply: Reply | None,
        told: Sequence[Status] = (),
    ) -> None:
        now = self.services.store.clock()
        if now >= delivery.expires:
            await self._fail(delivery, message, [*told, *(Status(item, "failed", reply) for item in left)])
            return
        wait = timedelta(seconds=WAITS[min(delivery.attempts, len(WAITS)) - 1])
        report = await self._report(delivery, message, told)
        when = min(now + wait, delivery.expires)
        await self.services.store.deliveries.retry(delivery, left, when, _words(reply), then=report)
        self._log.info("courier", kind=delivery.kind, route=delivery.route, state="later", attempt=delivery.attempts)

    async def _fail(self, delivery: Delivery, message: Message, told: Sequence[Status]) -> None:
        report = await self._report(delivery, message, told)
        await self.services.store.deliveries.failed(delivery, _words(told[-1].reply), then=report)
        self._log.warning("courier", kind=delivery.kind, route=delivery.route, state="failed")

    async def _report(self, delivery: Delivery, message: Message, told: Sequence[Status]) -> NewDelivery | None:
        """The DSN for what became of these, sealed and ready to be stored with the delivery's end."""
        if delivery.kind not in (LEG, RELEASE):
            return None
        made = self.services.dsn(delivery.envelope, message, told, delivery.case)
        if made is None:
            return None
        new, report = made
        body = await self.services.store.bodies.put(report)
        return replace(new, body=body.id)

    async def _measure(self) -> None:
        waiting = await self.services.store.deliveries.counts()
        for kind in (LEG, RELEASE, DSN, "notice"):
            self._metrics.waiting(kind, waiting.get(kind, 0))
        held, oldest = await self.services.store.cases.held()
        self._metrics.held_messages.set(held)
        age = (self.services.store.clock() - oldest).total_seconds() if oldest else 0.0
        self._metrics.held_oldest.set(age)


def _words(reply: Reply | None) -> str:
    """A hop's reply as kept with the delivery."""
    if reply is None:
        return "no reply"
    return f"{reply.code} " + " / ".join(line.decode("ascii", "replace") for line in reply.lines)

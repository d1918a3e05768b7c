"""Everything mailguard itself must send. Law: one lease at a time, and a release is never sent twice on a lost reply.

States: `pending` (a leg stored before the first leg's dot), `ready`, then `done`, `failed` or `uncertain`. What is
pending when its time is over belongs to a gateway that died before it said 250: it is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mailguard.mail.envelope import Envelope, Recipient
from mailguard.store import schema
from mailguard.store.bodies import Bodies
from mailguard.store.cases import DELIVERED, RELEASED, UNCERTAIN, UNDELIVERED, Cases
from mailguard.store.database import Database
from mailguard.store.envelopes import pack, unpack
from mailguard.store.errors import LeaseLost, NotFound

LEG, RELEASE, NOTICE, DSN = "leg", "release", "notice", "dsn"
PENDING, READY, DONE, FAILED, LOST = "pending", "ready", "done", "failed", "uncertain"
SUPERSEDED = "superseded"
PENDING_FOR = timedelta(minutes=15)
LIFETIME = timedelta(days=5)
REPLY = 1000


@dataclass(frozen=True, kw_only=True)
class NewDelivery:
    """One thing to send: `kind` is LEG, RELEASE, NOTICE or DSN; `expires` is when a DSN is due (default: 5 days)."""

    kind: str
    route: str
    envelope: Envelope = field(repr=False)
    body: str | None = None
    case: str | None = None
    expires: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Delivery(NewDelivery):
    """A delivery as kept. `attempts` counts leases; `lease` proves to the store who holds it."""

    id: str
    state: str
    created: datetime
    due: datetime
    expires: datetime
    attempts: int
    sending: bool = False
    reply: str = field(default="", repr=False)
    lease: str | None = field(default=None, repr=False)


NAMES = tuple(Delivery.__dataclass_fields__)
TABLE = schema.deliveries
COLUMNS = tuple(TABLE.c[name] for name in NAMES)


class Deliveries:
    """The rows the courier works from. A Delivery is changed by who has its lease alone."""

    def __init__(self, database: Database, bodies: Bodies, cases: Cases, clock: Callable[[], datetime]) -> None:
        self._database, self._bodies, self._cases, self._clock = database, bodies, cases, clock

    async def insert(self, connection: AsyncConnection, new: NewDelivery, state: str = READY) -> Delivery:
        """Add one, `ready` or `pending`, in the caller's transaction."""
        now = self._clock()
        delivery = Delivery(
            id=uuid4().hex,
            kind=new.kind,
            route=new.route,
            state=state,
            envelope=new.envelope,
            body=new.body,
            case=new.case,
            created=now,
            due=now,
            expires=new.expires or now + LIFETIME,
            attempts=0,
        )
        row = {name: getattr(delivery, name) for name in NAMES} | {"envelope": pack(new.envelope)}
        until = now + PENDING_FOR if state == PENDING else None
        await connection.execute(insert(TABLE).values(**row | {"changed": now, "worker": "", "lease_until": until}))
        return delivery

    async def get(self, delivery_id: str) -> Delivery:
        """Raises NotFound."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(*COLUMNS).where(TABLE.c.id == delivery_id))).mappings().first()
        if row is None:
            raise NotFound("there is no such delivery")
        return _delivery(row)

    async def list(self, case: str | None = None) -> list[Delivery]:
        """Every delivery, or those of one case, oldest first."""
        query = select(*COLUMNS).order_by(TABLE.c.created, TABLE.c.id)
        async with self._database.read() as connection:
            rows = await connection.execute(query if case is None else query.where(TABLE.c.case == case))
            return [_delivery(row) for row in rows.mappings()]

    async def promote(self, ids: Sequence[str]) -> None:
        """pending -> ready, all or none: what makes the 250 of a split mail true. Raises NotFound, StoreError."""
        async with self._database.write() as connection:
            await self.promoted(connection, ids)

    async def promoted(self, connection: AsyncConnection, ids: Sequence[str]) -> None:
        """`promote` in the caller's transaction."""
        rows = await connection.execute(
            update(TABLE)
            .where(TABLE.c.id.in_(ids), TABLE.c.state == PENDING)
            .values(state=READY, lease_until=None, due=self._clock(), changed=self._clock())
        )
        if rows.rowcount != len(set(ids)):
            raise NotFound("a stored leg is gone: it waited too long for its mail")

    async def drop(self, ids: Sequence[str]) -> None:
        """Remove pending legs and their bodies: the client was not told 250."""
        await self._drop(TABLE.c.id.in_(ids))

    async def lease(self, worker: str, limit: int, seconds: float) -> Sequence[Delivery]:
        """What is due, leased to `worker` for `seconds`: nobody else gets it meanwhile.

        First the remains of dead gateways are settled: pending legs out of time are dropped, and a release
        whose worker died after `sending` becomes uncertain instead of being sent again.
        """
        now = self._clock()
        free = or_(TABLE.c.lease_until.is_(None), TABLE.c.lease_until < now)
        # Asked without a write transaction: a courier that polls must not take the one writer from the mails.
        if not await self._any(TABLE.c.state.in_([READY, PENDING]), TABLE.c.due <= now, free):
            return []
        if await self._any(TABLE.c.state == PENDING, TABLE.c.lease_until < now):
            await self._drop(TABLE.c.lease_until < now)
        async with self._database.write() as connection:
            await self._give_up(connection, now)
            # Between the two, another gateway whose clock is behind may have said that it sends.
            due = select(TABLE.c.id).where(TABLE.c.state == READY, TABLE.c.due <= now, free, ~TABLE.c.sending)
            due = due.order_by(TABLE.c.due, TABLE.c.id).limit(limit).with_for_update(skip_locked=True)
            ids = (await connection.execute(due)).scalars().all()
            if not ids:
                return []
            values = {
                "worker": worker,
                "lease": uuid4().hex,
                "lease_until": now + timedelta(seconds=seconds),
                "attempts": TABLE.c.attempts + 1,
            }
            query = update(TABLE).where(TABLE.c.id.in_(ids)).values(**values).returning(*COLUMNS)
            rows = (await connection.execute(query)).mappings().all()
        return sorted((_delivery(row) for row in rows), key=lambda delivery: (delivery.due, delivery.id))

    async def renew(self, delivery: Delivery, seconds: float) -> None:
        """Keep a lease that has not run out for another `seconds`. Raises LeaseLost."""
        async with self._database.write() as connection:
            until = self._clock() + timedelta(seconds=seconds)
            await self._update(connection, delivery, alive=True, lease_until=until)

    async def sending(self, delivery: Delivery) -> None:
        """Before the dot: from here on a lost reply to a release means uncertain. Raises LeaseLost: do not send.

        For a release that is committed. Whatever else loses its reply is sent again, marked or not: there the lease is
        looked at alone, and the one writer is left to the mails.
        """
        if delivery.kind != RELEASE:
            mine = (TABLE.c.id == delivery.id, TABLE.c.state == READY, TABLE.c.lease == delivery.lease)
            if not await self._any(*mine, TABLE.c.lease_until > self._clock()):
                raise LeaseLost("the delivery is leased to another, or already ended")
            return
        async with self._database.write() as connection:
            await self._update(connection, delivery, alive=True, sending=True)

    async def done(self, delivery: Delivery, reply: str = "", *, then: NewDelivery | None = None) -> None:
        """The hop said 250. `then` (a DSN for recipients it refused) is stored in the same transaction."""
        await self._finish(delivery, DONE, reply, then)

    async def failed(self, delivery: Delivery, reply: str, *, then: NewDelivery | None = None) -> None:
        """Refused for good, or expired. `then` is the DSN, stored in the same transaction."""
        await self._finish(delivery, FAILED, reply, then)

    async def uncertain(self, delivery: Delivery, reply: str = "") -> None:
        """The final reply was lost: a person decides."""
        await self._finish(delivery, LOST, reply, None)

    async def retry(
        self,
        delivery: Delivery,
        remaining: Iterable[Recipient],
        when: datetime,
        reply: str,
        *,
        then: NewDelivery | None = None,
    ) -> None:
        """Try the `remaining` recipients again at `when`. Raises LeaseLost."""
        async with self._database.write() as connection:
            envelope = Envelope(delivery.envelope.sender, tuple(remaining), delivery.envelope.options)
            values: dict[str, Any] = {"envelope": pack(envelope), "due": when, "reply": reply[:REPLY]}
            await self._update(connection, delivery, lease=None, lease_until=None, sending=False, **values)
            if then:
                await self.insert(connection, then)

    async def counts(self) -> dict[str, int]:
        """How many are ready or pending, by kind."""
        query = select(TABLE.c.kind, func.count()).group_by(TABLE.c.kind)
        async with self._database.read() as connection:
            rows = await connection.execute(query.where(TABLE.c.state.in_([PENDING, READY])))
            return {row[0]: row[1] for row in rows}

    async def _any(self, *which: ColumnElement[bool]) -> bool:
        async with self._database.read() as connection:
            return (await connection.execute(select(TABLE.c.id).where(*which).limit(1))).first() is not None

    async def _finish(self, delivery: Delivery, state: str, reply: str, then: NewDelivery | None) -> None:
        gone: Sequence[str] = []
        async with self._database.write() as connection:
            values: dict[str, Any] = {"state": state, "reply": reply[:REPLY], "lease": None, "lease_until": None}
            await self._update(connection, delivery, **values)
            if then:
                await self.insert(connection, then)
            if delivery.kind == RELEASE and delivery.case:
                await self._settle(connection, delivery.case)
            elif state != LOST:
                gone = await self._release_bodies(connection, [delivery])
        await self._bodies.unlink(gone)

    async def supersede(self, connection: AsyncConnection, case: str) -> None:
        """What an earlier release sent no longer counts: a person has decided to release again."""
        which = (TABLE.c.case == case, TABLE.c.kind == RELEASE, TABLE.c.state.in_([DONE, FAILED, LOST]))
        await connection.execute(update(TABLE).where(*which).values(state=SUPERSEDED))

    async def _settle(self, connection: AsyncConnection, number: str) -> None:
        """Once the last delivery of a release has ended, the case says how. The case is locked before they are read."""
        case = await self._cases.locked(connection, number)
        query = select(TABLE.c.state).where(TABLE.c.case == number, TABLE.c.kind == RELEASE)
        states = set((await connection.execute(query)).scalars())
        if case.state != RELEASED or states & {READY, PENDING}:
            return
        state = UNCERTAIN if LOST in states else UNDELIVERED if FAILED in states else DELIVERED
        await self._cases.move(connection, number, state, "mailguard", "", expect={RELEASED})

    async def _give_up(self, connection: AsyncConnection, now: datetime) -> None:
        lost = (TABLE.c.state == READY) & (TABLE.c.kind == RELEASE) & TABLE.c.sending & (TABLE.c.lease_until < now)
        query = select(TABLE.c.id, TABLE.c.case).where(lost).with_for_update(skip_locked=True)
        rows = (await connection.execute(query)).all()
        if not rows:
            return
        ids = [row.id for row in rows]
        await connection.execute(
            update(TABLE).where(TABLE.c.id.in_(ids)).values(state=LOST, lease=None, lease_until=None, changed=now)
        )
        for number in sorted({row.case for row in rows if row.case}):
            await self._settle(connection, number)

    async def _drop(self, which: ColumnElement[bool]) -> None:
        async with self._database.write() as connection:
            query = delete(TABLE).where(TABLE.c.state == PENDING, which).returning(*COLUMNS)
            rows = [_delivery(row) for row in (await connection.execute(query)).mappings()]
            gone = await self._release_bodies(connection, rows)
        await self._bodies.unlink(gone)

    async def _release_bodies(self, connection: AsyncConnection, ended: Sequence[Delivery]) -> Sequence[str]:
        """Delete the body rows these were the last to need; the caller unlinks the files after the commit."""
        bodies = {delivery.body for delivery in ended if delivery.body}
        if not bodies:
            return []
        ids = [delivery.id for delivery in ended]
        await connection.execute(update(TABLE).where(TABLE.c.id.in_(ids)).values(body=None))
        cases = select(schema.cases.c.body).where(schema.cases.c.body.in_(bodies))
        others = select(TABLE.c.body).where(TABLE.c.body.in_(bodies))
        kept = set((await connection.execute(cases.union(others))).scalars())
        gone = sorted(bodies - kept)
        await self._bodies.remove(connection, gone)
        return gone

    async def _update(
        self, connection: AsyncConnection, delivery: Delivery, *, alive: bool = False, **values: Any
    ) -> None:
        now = self._clock()
        which = [TABLE.c.id == delivery.id, TABLE.c.state == READY, TABLE.c.lease == delivery.lease]
        if alive:
            which.append(TABLE.c.lease_until > now)
        result = await connection.execute(update(TABLE).where(*which).values(changed=now, **values))
        if result.rowcount != 1:
            raise LeaseLost("the delivery is leased to another, or already ended")


def _delivery(row: Any) -> Delivery:
    return Delivery(**dict(row) | {"envelope": unpack(row["envelope"])})

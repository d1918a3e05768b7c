"""The cases of stopped and rerouted mail. Law: a state changes only from a state that was expected, and is recorded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mailguard.store import schema
from mailguard.store.database import Database
from mailguard.store.errors import NotFound, WrongState

HELD = "held"
RELEASED = "released"
DELIVERED = "delivered"
UNCERTAIN = "delivery uncertain"
UNDELIVERED = "undelivered"
REFUSED = "refused"
ENCRYPTED = "encrypted"
WARNED = "warned"
CONFIRMED = "confirmed"
BLOCKED = "blocked"
EXPIRED = "expired"

STATES = frozenset(
    {
        HELD,
        RELEASED,
        DELIVERED,
        UNCERTAIN,
        UNDELIVERED,
        REFUSED,
        ENCRYPTED,
        WARNED,
        CONFIRMED,
        BLOCKED,
        EXPIRED,
    }
)
OPEN = frozenset({HELD, RELEASED, UNCERTAIN, UNDELIVERED})
"""States in which someone still has to act: retention does not touch these."""

IMPERSONAL = frozenset({"rule", "kind", "family", "count", "confidence", "why", "fingerprint"})

NEXT_NUMBER = text(
    "INSERT INTO case_numbers (year, last) VALUES (:year, 1) "
    "ON CONFLICT (year) DO UPDATE SET last = case_numbers.last + 1 RETURNING last"
)


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """A case about to get its number. `clauses` hold id, do, say, cites, advice, decides; `evidence` is masked."""

    action: str
    state: str
    clauses: Sequence[Mapping[str, Any]]
    evidence: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    factors: Mapping[str, Any] = field(default_factory=dict)
    defences: Sequence[Mapping[str, Any]] = ()
    sender: str = field(default="", repr=False)
    recipients: Sequence[str] = field(default=(), repr=False)
    message_id: str = field(default="", repr=False)
    member: str = field(default="", repr=False)
    sealed: bool = False
    policy: str = ""
    version: str = ""
    reason: str = field(default="", repr=False)
    mail_id: str = ""
    body: str | None = None


@dataclass(frozen=True, kw_only=True)
class Case(NewCase):
    """A case as kept. `plan` is how a release delivers (see `deliveries.Leg`); `frozen`: retention leaves it alone."""

    number: str
    frozen: bool = False
    plan: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    created: datetime
    changed: datetime


@dataclass(frozen=True)
class Change:
    """One line of a case's history."""

    was: str
    state: str
    by: str
    reason: str
    at: datetime


class Cases:
    """Reads and changes cases."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    async def open(self, new: NewCase) -> Case:
        """Give a number and commit. A sealed case (PER-1) keeps nothing a person could read. Raises StoreError."""
        async with self._database.write() as connection:
            return await self.insert(connection, new)

    async def insert(self, connection: AsyncConnection, new: NewCase, plan: Sequence[Mapping[str, Any]] = ()) -> Case:
        """`open` in the caller's transaction. Numbers run on without a gap, year by year."""
        if new.state not in STATES:
            raise WrongState(f"a case cannot be {new.state!r}")
        now = self._clock()
        last = (await connection.execute(NEXT_NUMBER, {"year": now.year})).scalar_one()
        values = {item.name: getattr(new, item.name) for item in fields(NewCase)}
        values |= {name: list(values[name]) for name in ("clauses", "evidence", "defences", "recipients")}
        if new.sealed:
            values |= {"evidence": [_unreadable(item) for item in new.evidence], "message_id": ""}
        case = Case(number=f"{now.year}-{last:06}", plan=list(plan), created=now, changed=now, **values)
        row = {item.name: getattr(case, item.name) for item in fields(Case)}
        await connection.execute(insert(schema.cases).values(**row))
        await self._note(connection, case.number, Change("", case.state, "mailguard", case.reason, now))
        return case

    async def get(self, number: str) -> Case:
        """Raises NotFound."""
        async with self._database.read() as connection:
            query = select(schema.cases).where(schema.cases.c.number == number)
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            raise NotFound(f"there is no case {number}")
        return Case(**row)

    async def of_body(self, body_id: str) -> Case | None:
        """The case that holds this body."""
        async with self._database.read() as connection:
            query = select(schema.cases).where(schema.cases.c.body == body_id)
            row = (await connection.execute(query)).mappings().first()
        return Case(**row) if row else None

    async def list(self) -> list[Case]:
        """Every case in every state, by number."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(schema.cases).order_by(schema.cases.c.number))).mappings()
            return [Case(**row) for row in rows]

    async def history(self, number: str) -> Sequence[Change]:
        """What became of a case, oldest first."""
        table = schema.case_history
        query = select(table.c.was, table.c.state, table.c.by, table.c.reason, table.c.at)
        async with self._database.read() as connection:
            rows = await connection.execute(query.where(table.c.case == number).order_by(table.c.row))
            return [Change(**row) for row in rows.mappings()]

    async def held(self) -> tuple[int, datetime | None]:
        """How many mails are held, and since when the oldest."""
        table = schema.cases
        query = select(func.count(), func.min(table.c.created)).where(table.c.state == HELD)
        async with self._database.read() as connection:
            count, oldest = (await connection.execute(query)).one()
        return int(count), oldest

    async def change(self, number: str, state: str, by: str, reason: str, *, expect: Collection[str]) -> Case:
        """Set the state if it is one of `expect`, and record who and why. Raises NotFound, WrongState."""
        async with self._database.write() as connection:
            return await self.move(connection, number, state, by, reason, expect=expect)

    async def move(
        self, connection: AsyncConnection, number: str, state: str, by: str, reason: str, *, expect: Collection[str]
    ) -> Case:
        """`change` in the caller's transaction. The row stays locked until that ends."""
        if state not in STATES:
            raise WrongState(f"a case cannot be {state!r}")
        case = await self.locked(connection, number)
        if case.state not in expect:
            raise WrongState(f"case {number} is {case.state}, not {' or '.join(sorted(expect))}")
        now = self._clock()
        await connection.execute(
            update(schema.cases).where(schema.cases.c.number == number).values(state=state, reason=reason, changed=now)
        )
        await self._note(connection, number, Change(case.state, state, by, reason, now))
        return replace(case, state=state, reason=reason, changed=now)

    async def freeze(self, number: str, frozen: bool, by: str, reason: str) -> Case:
        """Keep a case (an appeal, a request for information) from retention, or let it go again. Raises NotFound."""
        async with self._database.write() as connection:
            case = await self.locked(connection, number)
            await connection.execute(update(schema.cases).where(schema.cases.c.number == number).values(frozen=frozen))
            why = f"{'frozen' if frozen else 'no longer frozen'}: {reason}"
            await self._note(connection, number, Change(case.state, case.state, by, why, self._clock()))
        return await self.get(number)

    async def locked(self, connection: AsyncConnection, number: str) -> Case:
        """The case, which nobody else can change until the transaction ends. Raises NotFound."""
        query = select(schema.cases).where(schema.cases.c.number == number).with_for_update()
        row = (await connection.execute(query)).mappings().first()
        if row is None:
            raise NotFound(f"there is no case {number}")
        return Case(**row)

    async def _note(self, connection: AsyncConnection, number: str, change: Change) -> None:
        values = {item.name: getattr(change, item.name) for item in fields(Change)}
        await connection.execute(insert(schema.case_history).values(case=number, **values))


def _unreadable(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """What may be kept of a mail marked personal: no masked text, and no place, which can be a file's name."""
    return {name: value for name, value in evidence.items() if name in IMPERSONAL}

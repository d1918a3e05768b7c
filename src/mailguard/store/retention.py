"""Deletes what has been kept long enough. Law: only what is closed, never what is frozen, and never without a record.

The record holds kind, count, time and a hash over what was deleted: it proves a deletion, and tells nothing of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, Select, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mailguard.store import schema
from mailguard.store.cases import EXPIRED, HELD, OPEN
from mailguard.store.deliveries import PENDING, READY
from mailguard.store.store import Store

Purge = Callable[[AsyncConnection, datetime], Awaitable[Sequence[str]]]


@dataclass(frozen=True)
class Deletion:
    """One record: `count` things of a kind, deleted `at`, `hash` over their sorted ids."""

    kind: str
    count: int
    at: datetime
    hash: str


@dataclass(frozen=True)
class Report:
    """What one run did: which held mails expired, what was deleted, and how many remains of a crash were swept."""

    expired: tuple[str, ...] = ()
    deletions: tuple[Deletion, ...] = ()
    swept: int = 0


PIECE = 5000
KINDS = ("held", "bodies", "tokens", "deliveries", "cases", "mailings", "journal")
"""In the order they are purged: a body before its case."""


async def purge(store: Store, now: datetime, keep: Mapping[str, float]) -> Report:
    """Delete what is older than `keep` says, in seconds by kind (see KINDS); a kind that is not named is kept.

    `held`: a mail nobody decided on becomes `expired`; its body then goes by `bodies`. What a crash left in the folder
    of held mail, files without a row and rows nobody refers to, is swept after an hour. Raises StoreError,
    ValueError for a kind there is none of.
    """
    if unknown := set(keep) - set(KINDS):
        raise ValueError(f"no such kind: {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    expired: tuple[str, ...] = ()
    made: list[Deletion] = []
    for kind in KINDS:
        if kind not in keep:
            continue
        limit = now - timedelta(seconds=keep[kind])
        if kind == "held":
            expired = await _expire(store, limit)
        else:
            made += await _purge(store, kind, limit, now)
    return Report(expired, tuple(made), await store.bodies.sweep())


async def deletions(store: Store) -> list[Deletion]:
    """Every record, oldest first."""
    table = schema.deletions
    query = select(table.c.kind, table.c.count, table.c.at, table.c.hash).order_by(table.c.row)
    async with store.database.read() as connection:
        return [Deletion(**row) for row in (await connection.execute(query)).mappings()]


async def _expire(store: Store, limit: datetime) -> tuple[str, ...]:
    table = schema.cases
    query = select(table.c.number).where(table.c.state == HELD, ~table.c.frozen, table.c.changed <= limit)
    async with store.database.write() as connection:
        numbers = (await connection.execute(query.order_by(table.c.number).with_for_update())).scalars().all()
        for number in numbers:
            await store.cases.move(connection, number, EXPIRED, "retention", "nobody decided in time", expect={HELD})
    return tuple(numbers)


async def _purge(store: Store, kind: str, limit: datetime, now: datetime) -> list[Deletion]:
    """In pieces, each with its record: one long transaction would keep the mails waiting."""
    made: list[Deletion] = []
    purge_piece: Purge = store.mailings.purge if kind == "mailings" else PURGES[kind]
    while True:
        async with store.database.write() as connection:
            ids = sorted(await purge_piece(connection, limit))
            if not ids:
                return made
            deletion = Deletion(kind, len(ids), now, sha256("\n".join(ids).encode()).hexdigest())
            await connection.execute(insert(schema.deletions).values(**vars(deletion)))
        if kind == "bodies":
            await store.bodies.unlink(ids)
        made.append(deletion)


async def _bodies(connection: AsyncConnection, limit: datetime) -> Sequence[str]:
    cases, deliveries = schema.cases, schema.deliveries
    old = (cases.c.body.is_not(None), cases.c.state.not_in(OPEN), ~cases.c.frozen, cases.c.changed <= limit)
    query = select(cases.c.body).where(*old).limit(PIECE).with_for_update()
    ids = [body for body in (await connection.execute(query)).scalars() if body]
    await connection.execute(update(cases).where(cases.c.body.in_(ids)).values(body=None))
    await connection.execute(update(deliveries).where(deliveries.c.body.in_(ids)).values(body=None))
    await connection.execute(delete(schema.bodies).where(schema.bodies.c.id.in_(ids)))
    return ids


async def _cases(connection: AsyncConnection, limit: datetime) -> Sequence[str]:
    cases, deliveries = schema.cases, schema.deliveries
    busy = select(deliveries.c.case).where(deliveries.c.case.is_not(None), deliveries.c.state.in_([PENDING, READY]))
    old = (
        cases.c.state.not_in(OPEN),
        ~cases.c.frozen,
        cases.c.changed <= limit,
        cases.c.body.is_(None),
        cases.c.number.not_in(busy),
    )
    query = select(cases.c.number).where(*old).limit(PIECE).with_for_update()
    numbers = (await connection.execute(query)).scalars().all()
    await connection.execute(delete(deliveries).where(deliveries.c.case.in_(numbers)))
    await connection.execute(delete(schema.tokens).where(schema.tokens.c.case.in_(numbers)))
    await connection.execute(delete(cases).where(cases.c.number.in_(numbers)))
    return numbers


async def _tokens(connection: AsyncConnection, limit: datetime) -> Sequence[str]:
    table = schema.tokens
    old = select(table.c.hash).where(table.c.expires <= limit, table.c.case.not_in(_kept(schema.cases.c.frozen)))
    query = delete(table).where(table.c.hash.in_(old.limit(PIECE))).returning(table.c.hash)
    return (await connection.execute(query)).scalars().all()


async def _deliveries(connection: AsyncConnection, limit: datetime) -> Sequence[str]:
    table, cases = schema.deliveries, schema.cases
    kept = _kept(or_(cases.c.frozen, cases.c.state.in_(OPEN)))
    free = or_(table.c.case.is_(None), table.c.case.not_in(kept))
    old = select(table.c.id).where(table.c.state.not_in([PENDING, READY]), table.c.changed <= limit, free)
    query = delete(table).where(table.c.id.in_(old.limit(PIECE))).returning(table.c.id)
    return (await connection.execute(query)).scalars().all()


async def _journal(connection: AsyncConnection, limit: datetime) -> Sequence[str]:
    table = schema.journal
    old = select(table.c.row).where(table.c.at <= limit).limit(PIECE)
    query = delete(table).where(table.c.row.in_(old)).returning(table.c.id, table.c.row)
    return [f"{mail} {row}" for mail, row in (await connection.execute(query)).all()]


def _kept(which: ColumnElement[bool]) -> Select[tuple[str]]:
    return select(schema.cases.c.number).where(which)


PURGES: Mapping[str, Purge] = {
    "bodies": _bodies,
    "tokens": _tokens,
    "deliveries": _deliveries,
    "cases": _cases,
    "journal": _journal,
}

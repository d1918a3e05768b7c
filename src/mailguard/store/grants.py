"""Permissions someone gave a member for one clause (VOL-3). Law: a grant serves its member, clause and dates alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from mailguard.mail.errors import StoreError
from mailguard.store import schema
from mailguard.store.database import Database
from mailguard.store.errors import NotFound

TABLE = schema.grants


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Who may do what: up to `largest` recipients (None: any number), from `begins` until before `ends`."""

    id: int
    member: str = field(repr=False)
    clause: str
    purpose: str
    largest: int | None
    begins: datetime
    ends: datetime
    approver: str
    created: datetime
    ended: datetime | None = None
    ended_by: str = ""


class Grants:
    """The table of grants."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    async def add(
        self,
        member: str,
        clause: str,
        *,
        purpose: str,
        largest: int | None,
        begins: datetime,
        ends: datetime,
        approver: str,
    ) -> Grant:
        """Commit a grant. `member` is his address, kept in lower case. Raises StoreError."""
        if not purpose.strip():
            raise StoreError("a grant must say what the mailing is for (--purpose)")
        if ends <= begins:
            raise StoreError("a grant must end after it begins")
        row: dict[str, Any] = {
            "member": member.lower(),
            "clause": clause,
            "purpose": purpose,
            "largest": largest,
            "begins": begins,
            "ends": ends,
            "approver": approver,
            "created": self._clock(),
            "ended": None,
            "ended_by": "",
        }
        async with self._database.write() as connection:
            made = await connection.execute(insert(TABLE).values(**row).returning(TABLE))
            return Grant(**made.mappings().one())

    async def list(self) -> list[Grant]:
        """Every grant, ended ones too, oldest first."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(TABLE).order_by(TABLE.c.id))
            return [Grant(**row) for row in rows.mappings()]

    async def live(self, member: str, clause: str, at: datetime) -> Sequence[Grant]:
        """Grants that serve `member` under `clause` at that moment."""
        query = select(TABLE).where(
            TABLE.c.member == member.lower(),
            TABLE.c.clause == clause,
            TABLE.c.begins <= at,
            TABLE.c.ends > at,
            TABLE.c.ended.is_(None),
        )
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(TABLE.c.id))
            return [Grant(**row) for row in rows.mappings()]

    async def end(self, grant_id: int, by: str) -> Grant:
        """End a grant now. Raises NotFound where there is none, or it has ended."""
        query = update(TABLE).where(TABLE.c.id == grant_id, TABLE.c.ended.is_(None))
        async with self._database.write() as connection:
            ended = await connection.execute(query.values(ended=self._clock(), ended_by=by).returning(TABLE))
            row = ended.mappings().first()
        if row is None:
            raise NotFound(f"there is no grant {grant_id} that could end")
        return Grant(**row)

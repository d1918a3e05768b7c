"""How many people one mailing reaches, over several transactions (VOL-1). Law: two at once never both stay under.

A mail reserves its recipients before it is judged, confirms when it went, cancels when it was stopped: what was stopped
does not count. A reservation whose gateway died is forgotten after a while. Of what went, one row a recipient is kept,
however often the same words went to him, so that counting stays a matter of recipients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, insert, literal, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from mailguard.store import schema
from mailguard.store.database import Database

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

PIECE = 5000
UNDER_WAY = timedelta(minutes=15)
SENT = ""
"""In the place of a mail's id: recipients to whom some mail of the mailing went."""
TABLE = schema.mailings
ROW = (TABLE.c.key, TABLE.c.recipient, TABLE.c.mail)


class Mailings:
    """Counts distinct recipients. `key` is the fingerprint subkey: no row tells sender, text or recipient."""

    def __init__(self, database: Database, key: bytes, clock: Callable[[], datetime]) -> None:
        self._database, self._key, self._clock = database, key, clock

    async def reserve(self, key: str, recipients: Iterable[str], window: float, mail_id: str) -> int:
        """Distinct recipients of the mailing `key` in the last `window` seconds, these and those under way included.

        Key and recipients are kept as keyed hashes; `mail_id` names the reservation. Raises StoreError.
        """
        now = self._clock()
        name = hashed(self._key, f"mailing {key}").hex()
        rows = [
            {"key": name, "recipient": hashed(self._key, person).hex(), "mail": mail_id, "at": now, "confirmed": False}
            for person in set(recipients)
        ]
        since = and_(TABLE.c.key == name, TABLE.c.at > now - timedelta(seconds=window))
        counts = or_(TABLE.c.confirmed, TABLE.c.at > now - UNDER_WAY, TABLE.c.mail == mail_id)
        async with self._database.write() as connection:
            await self._database.lock(connection, f"mailing {name}")
            await connection.execute(delete(TABLE).where(TABLE.c.key == name, TABLE.c.mail == mail_id))
            if rows:
                await connection.execute(insert(TABLE), rows)
            query = select(func.count(func.distinct(TABLE.c.recipient))).where(since, counts)
            return int((await connection.execute(query)).scalar_one())

    async def confirm(self, mail_id: str) -> None:
        """The mail went: its recipients count."""
        async with self._database.write() as connection:
            await connection.execute(_went(mail_id))
            await connection.execute(delete(TABLE).where(TABLE.c.mail == mail_id))

    async def cancel(self, mail_id: str) -> None:
        """The mail was stopped, or not delivered: its recipients do not count."""
        async with self._database.write() as connection:
            await connection.execute(delete(TABLE).where(TABLE.c.mail == mail_id))

    async def purge(self, connection: AsyncConnection, limit: datetime) -> list[str]:
        """Delete what is as old as `limit`, a piece at a time; gives a name of each row."""
        old = select(*ROW).where(TABLE.c.at <= limit).limit(PIECE)
        query = delete(TABLE).where(tuple_(*ROW).in_(old)).returning(*ROW)
        return [" ".join(row) for row in (await connection.execute(query)).all()]

    def close(self) -> None:
        """Nothing of its own is open."""


def _went(mail_id: str) -> postgresql.Insert:
    """Its recipients as SENT; in the order of the key, so that two at once cannot wait for each other."""
    from sqlalchemy.dialects import postgresql  # 3 MB of every process, and kept beside SQLite nothing counts here

    chosen = select(TABLE.c.key, TABLE.c.recipient, literal(SENT), TABLE.c.at, true()).where(TABLE.c.mail == mail_id)
    rows = postgresql.insert(TABLE).from_select([column.name for column in TABLE.c], chosen.order_by(*ROW))
    latest = func.greatest(TABLE.c.at, rows.excluded.at)
    return rows.on_conflict_do_update(index_elements=[column.name for column in ROW], set_={"at": latest})


def hashed(key: bytes, word: str) -> bytes:
    """What stands for a word in a row, 32 bytes: nothing without the key. Keyed BLAKE2 takes a third of an HMAC."""
    return blake2b(word.encode("utf-8", "surrogatepass"), key=key, digest_size=32).digest()

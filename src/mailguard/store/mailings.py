"""How many people one mailing reaches, over several transactions (VOL-1). Law: two at once never both stay under.

A mail reserves its recipients before it is judged, confirms when it went, cancels when it was stopped: what was stopped
does not count. A reservation whose gateway died is forgotten after a while.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import blake2b

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mailguard.store import schema
from mailguard.store.database import Database

PIECE = 5000
UNDER_WAY = timedelta(minutes=15)
TABLE = schema.mailings


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
            await connection.execute(update(TABLE).where(TABLE.c.mail == mail_id).values(confirmed=True))

    async def cancel(self, mail_id: str) -> None:
        """The mail was stopped, or not delivered: its recipients do not count."""
        async with self._database.write() as connection:
            await connection.execute(delete(TABLE).where(TABLE.c.mail == mail_id))

    async def purge(self, connection: AsyncConnection, limit: datetime) -> list[str]:
        """Delete what is as old as `limit`, a piece at a time; gives a name of each row."""
        old = select(TABLE.c.mail).where(TABLE.c.at <= limit).limit(PIECE)
        query = delete(TABLE).where(TABLE.c.mail.in_(old)).returning(TABLE.c.mail, TABLE.c.recipient)
        return [f"{mail} {recipient}" for mail, recipient in (await connection.execute(query)).all()]

    def close(self) -> None:
        """Nothing of its own is open."""


def hashed(key: bytes, word: str) -> bytes:
    """What stands for a word in a row, 32 bytes: nothing without the key. Keyed BLAKE2 takes a third of an HMAC."""
    return blake2b(word.encode("utf-8", "surrogatepass"), key=key, digest_size=32).digest()

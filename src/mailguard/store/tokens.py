"""The one-step confirmation of a warned mail. Law: it serves once, for the same mail or fewer recipients.

Only keyed hashes are kept: the row tells neither the token nor whom the mail was from or to.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import insert, select, update

from mailguard.store import schema
from mailguard.store.database import Database

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that nothing is misread or spells a word."""
LENGTH = 10
LIFE = timedelta(hours=24)
READ_AS = str.maketrans("ILO", "110", " -")
TABLE = schema.tokens


class Tokens:
    """Issues and redeems. `key` is the token subkey, 32 bytes."""

    def __init__(self, database: Database, key: bytes, clock: Callable[[], datetime]) -> None:
        self._database, self._key, self._clock = database, key, clock

    async def issue(
        self, sender: str, clauses: Iterable[str], recipients: Iterable[str], text_hash: str, case: str
    ) -> str:
        """A new token of ten letters and digits, committed. Raises StoreError."""
        token = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        now = self._clock()
        row = {
            "hash": self._hash("token", token),
            "sender": self._hash("sender", sender.lower()),
            "clauses": sorted(set(clauses)),
            "recipients": sorted(self._people(recipients)),
            "text": self._hash("text", text_hash),
            "case": case,
            "issued": now,
            "expires": now + LIFE,
            "justification": "",
        }
        async with self._database.write() as connection:
            await connection.execute(insert(TABLE).values(**row))
        return token

    async def redeem(  # noqa: PLR0917 - what a token is bound to
        self,
        token: str,
        sender: str,
        clauses: Iterable[str],
        recipients: Iterable[str],
        text_hash: str,
        justification: str = "",
    ) -> str | None:
        """The number of the warned case, once; None for anything else. `clauses` and `recipients` may be fewer."""
        key = self._hash("token", normal(token))
        now = self._clock()
        valid = (
            TABLE.c.hash == key,
            TABLE.c.sender == self._hash("sender", sender.lower()),
            TABLE.c.text == self._hash("text", text_hash),
            TABLE.c.redeemed.is_(None),
            TABLE.c.expires > now,
        )
        async with self._database.write() as connection:
            row = (await connection.execute(select(TABLE).where(*valid).with_for_update())).mappings().first()
            if row is None or not set(clauses) <= set(row["clauses"]):
                return None
            if not self._people(recipients) <= set(row["recipients"]):
                return None
            await connection.execute(update(TABLE).where(*valid).values(redeemed=now, justification=justification))
        return str(row["case"])

    async def restore(self, token: str) -> None:
        """The confirmed mail was not delivered after all: the token serves again until it expires."""
        async with self._database.write() as connection:
            await connection.execute(
                update(TABLE)
                .where(TABLE.c.hash == self._hash("token", normal(token)))
                .values(redeemed=None, justification="")
            )

    def _people(self, addresses: Iterable[str]) -> set[str]:
        return {self._hash("recipient", address.lower()) for address in addresses}

    def _hash(self, kind: str, word: str) -> str:
        data = f"{kind}\0{word}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, data, sha256).hexdigest()


def normal(token: str) -> str:
    """The token as issued, however it was typed: case, hyphens, spaces, O for 0, I and L for 1."""
    return token.upper().translate(READ_AS)

"""The store as one object. Law: a hold is durable and whole before it returns, or there is nothing of it at all."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from mailguard.mail.envelope import Envelope
from mailguard.mail.errors import StoreError
from mailguard.mail.message import Message
from mailguard.store import keys, schema
from mailguard.store.bodies import Bodies, Body
from mailguard.store.cases import HELD, REFUSED, RELEASED, UNCERTAIN, UNDELIVERED, Case, Cases, NewCase
from mailguard.store.database import Database, alive
from mailguard.store.deliveries import LIFETIME, PENDING, READY, RELEASE, Deliveries, Delivery, NewDelivery
from mailguard.store.envelopes import pack, unpack
from mailguard.store.errors import WrongState
from mailguard.store.grants import Grants
from mailguard.store.journal import Journal
from mailguard.store.mailings import Mailings
from mailguard.store.mailings_here import MailingsHere
from mailguard.store.tokens import Tokens
from mailguard.store.upgrade import upgrade
from mailguard.store.whole import whole


@dataclass(frozen=True)
class Leg:
    """One way a held mail goes when it is released: the route, and to whom."""

    route: str
    envelope: Envelope = field(repr=False)


ROOM = 1_000_000
"""Bytes that must be free where held mail lies, or the store is not ready."""


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """Journal, cases, bodies, deliveries, tokens, mailings and grants over one database and one folder.

    `warnings` are sentences for the operator; `fingerprint_key` (32 bytes) keys fingerprints in findings.
    """

    def __init__(
        self, database: Database, held: Path, keyring: keys.Keyring, spool: Path, clock: Callable[[], datetime]
    ) -> None:
        self.database, self.held, self.clock = database, held, clock
        self.warnings: list[str] = []
        self.fingerprint_key = keyring.current.fingerprints
        self.journal = Journal(database)
        self.cases = Cases(database, clock)
        self.bodies = Bodies(database, held, keyring, spool, clock)
        self.deliveries = Deliveries(database, self.bodies, self.cases, clock)
        self.tokens = Tokens(database, keyring.current.tokens, clock)
        counting = Mailings if database.postgres else MailingsHere
        self.mailings = counting(database, keyring.current.fingerprints, clock)
        self.grants = Grants(database, clock)

    @classmethod
    async def open(
        cls,
        url: str,
        held: Path,
        key: Path,
        *,
        create_key: bool = True,
        spool: Path | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> Store:
        """Open all, making folders, schema and key file where absent. Several workers may start at once.

        `spool` is where large bodies are opened to (default: the system's temporary folder). Raises StoreError
        that says what to do, above all where the key file is gone and held mail still needs it.
        """
        database = await asyncio.to_thread(Database, url)
        try:
            await asyncio.to_thread(_make_folder, held)
            await upgrade(database)
            keyring, warnings = await _keyring(database, key, create_key, clock())
        except BaseException:
            await database.close()
            raise
        store = cls(database, held, keyring, spool or Path(tempfile.gettempdir()), clock)
        store.warnings += warnings
        store.journal.start()
        return store

    async def ready(self) -> bool:
        """True where the database answers and held mail could be written."""
        return await alive(self.database) and await asyncio.to_thread(_has_room, self.held)

    async def close(self) -> None:
        """Write what waits, and give back all connections."""
        await self.journal.close()
        self.mailings.close()
        await self.database.close()

    async def hold(self, new: NewCase, message: Message, *, plan: Sequence[Leg]) -> Case:
        """Keep the mail: file and folder fsynced, then body, case and plan committed. 250 may be said after it.

        `plan` is how a release will deliver. On failure nothing half remains. What is held when a deadline ends the
        caller is told as held: his client would send it again. Raises StoreError, StoreFull.
        """
        return await whole(self._hold(new, message, plan), stands=True)

    async def release(
        self, number: str, by: str, reason: str, *, again: bool = False, lifetime: timedelta = LIFETIME
    ) -> Case:
        """held -> released, with what the plan sends ready, in one transaction. Raises NotFound, WrongState.

        `again`: a person decides to send anew what is `delivery uncertain` or `undelivered`.
        """
        expect = {UNCERTAIN, UNDELIVERED} if again else {HELD}
        async with self.database.write() as connection:
            case = await self.cases.locked(connection, number)
            if case.state in {UNCERTAIN, UNDELIVERED} and not again:
                raise WrongState(f"case {number} is {case.state}: release it `--again` to send it anew")
            case = await self.cases.move(connection, number, RELEASED, by, reason, expect=expect)
            if case.body is None:
                raise StoreError(f"the mail of case {number} was deleted: it cannot be released")
            await self.deliveries.supersede(connection, number)
            for leg in case.plan:
                new = NewDelivery(
                    kind=RELEASE,
                    route=leg["route"],
                    envelope=unpack(leg["envelope"]),
                    body=case.body,
                    case=number,
                    expires=self.clock() + lifetime,
                )
                await self.deliveries.insert(connection, new)
        return case

    async def refuse(self, number: str, by: str, reason: str) -> Case:
        """held -> refused. The body stays until retention deletes it. Raises NotFound, WrongState."""
        return await self.cases.change(number, REFUSED, by, reason, expect={HELD})

    async def legs(self, legs: Sequence[tuple[NewDelivery, Message]]) -> list[Delivery]:
        """Store the later legs of a split mail `pending`, durably, before the first leg's dot.

        Then `deliveries.promote` or `deliveries.drop` their ids. On failure nothing remains. Raises StoreError,
        StoreFull.
        """
        return await whole(self._store(legs, PENDING))

    async def promote(self, ids: Sequence[str], new: NewCase) -> Case:
        """The first leg went: the others are ready, and the mail has its case, in one transaction. Raises as both."""

        async def both() -> Case:
            async with self.database.write() as connection:
                await self.deliveries.promoted(connection, ids)
                return await self.cases.insert(connection, new)

        return await whole(both(), stands=True)

    async def send(self, new: NewDelivery, message: Message) -> Delivery:
        """Store one message of our own (a notice, a DSN) ready to be sent. Raises StoreError, StoreFull."""
        return (await whole(self._store([(new, message)], READY)))[0]

    async def _hold(self, new: NewCase, message: Message, plan: Sequence[Leg]) -> Case:
        if not plan:
            raise StoreError("a hold needs a plan: how a release would deliver")
        body = await self.bodies.write(message)
        packed = [{"route": leg.route, "envelope": pack(leg.envelope)} for leg in plan]
        try:
            async with self.database.write() as connection:
                await self.bodies.insert(connection, body)
                return await self.cases.insert(connection, replace(new, body=body.id), packed)
        except StoreError:
            # A lost connection may hide a commit that was made: then the mail is held, and must be called so.
            if case := await self._committed(body):
                return case
            raise

    async def _committed(self, body: Body) -> Case | None:
        case = await self.cases.of_body(body.id)
        if case is None:
            await self.bodies.forget(body)
        return case

    async def _store(self, legs: Sequence[tuple[NewDelivery, Message]], state: str) -> list[Delivery]:
        written: dict[int, Body] = {}
        try:
            for _, message in legs:
                if id(message) not in written:
                    written[id(message)] = await self.bodies.write(message)
            async with self.database.write() as connection:
                for body in written.values():
                    await self.bodies.insert(connection, body)
                return [
                    await self.deliveries.insert(connection, replace(new, body=written[id(message)].id), state)
                    for new, message in legs
                ]
        except StoreError:
            for body in written.values():
                await self.bodies.forget(body)
            raise


def _has_room(held: Path) -> bool:
    try:
        return os.access(held, os.W_OK | os.X_OK) and shutil.disk_usage(held).free >= ROOM
    except OSError:
        return False


def _make_folder(held: Path) -> None:
    try:
        held.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys.sync_folder(held.parent)
    except OSError as error:
        raise StoreError(f"store.held: cannot make the folder {held} ({error.strerror})") from None


async def _keyring(database: Database, path: Path, create: bool, now: datetime) -> tuple[keys.Keyring, list[str]]:
    """The keys, registered in the store, and warnings. Raises StoreError."""
    warnings = []
    async with database.write() as connection:
        # The lock lets one of several starters make the file while the others wait for it.
        await database.lock(connection, "mailguard keys")
        keyring = await asyncio.to_thread(keys.load, path)
        needed = set((await connection.execute(select(schema.bodies.c.key_id).distinct())).scalars())
        known = set((await connection.execute(select(schema.keys.c.id))).scalars())
        if keyring is None:
            if needed:
                raise StoreError(
                    f"store.key: {path} is gone and held mail needs it: restore the file from backup. A new one is "
                    "made only when no held mail is left"
                )
            if not create:
                raise StoreError(f"store.key: there is no {path}")
            keyring = await asyncio.to_thread(keys.create, path)
            warnings.append(f"store.key: made {path}; keep a copy apart, held mail cannot be read without it")
        ours = {key.id for key in keyring.keys}
        if needed - ours:
            missing = ", ".join(sorted(needed - ours))
            raise StoreError(f"store.key: held mail needs key {missing}: add its line to {path}, below the first")
        if known and not known & ours:
            warnings.append(f"store.key: {path} is not the key this store was used with; gateways must share one file")
        if keyring.current.id not in known:
            await connection.execute(insert(schema.keys).values(id=keyring.current.id, created=now))
    if await asyncio.to_thread(keys.exposed, path):
        warnings.append(f"store.key: others may read {path}: chmod 600 it")
    return keyring, warnings

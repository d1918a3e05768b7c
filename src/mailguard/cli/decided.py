"""What people decided on held cases, as examples to train on.

Law: only cases stopped by political clauses alone, decided by a person, not sealed, whose mail is still held; a text
lives in memory and is written nowhere.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from mailguard.store.cases import DELIVERED, REFUSED, RELEASED
from mailguard.store.errors import NotFound

if TYPE_CHECKING:
    from mailguard.mail.contents import Contents
    from mailguard.store.cases import Case
    from mailguard.store.store import Store

FAMILY = "POL-"
DECISIONS = {RELEASED: False, DELIVERED: False, REFUSED: True}


class Decided(NamedTuple):
    """A case's number, whether it was refused as political, and its mail."""

    number: str
    political: bool
    contents: Contents


async def decided(store: Store) -> list[Decided]:
    """Every usable case, oldest first. Raises StoreError, Tampered; a body that is gone is passed over."""
    from mailguard.mail.reader import read_sync

    made = []
    for case in await store.cases.list():
        if not usable(case) or not await _by_a_person(store, case):
            continue
        assert case.body is not None
        try:
            message = await store.bodies.open(case.body)
        except NotFound:
            continue
        try:
            contents = await asyncio.to_thread(read_sync, message.read())
            made.append(Decided(case.number, DECISIONS[case.state], contents))
        finally:
            message.close()
    return made


def usable(case: Case) -> bool:
    """True where the decision can only have been about politics, and the mail may be read."""
    political = bool(case.clauses) and all(str(clause["id"]).startswith(FAMILY) for clause in case.clauses)
    return political and case.state in DECISIONS and case.body is not None and not case.sealed


async def _by_a_person(store: Store, case: Case) -> bool:
    """True where the history holds a release or a refusal: a mail that only expired was judged by nobody."""
    return any(step.state in {RELEASED, REFUSED} for step in await store.cases.history(case.number))

"""A token: once, a day, and for the mail it was given for."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from mailguard.store import schema
from mailguard.store.store import Store
from mailguard.store.tokens import ALPHABET, normal

SENDER, TEXT = "Cllr@Council.example", "hash-of-the-text"
PEOPLE = ("a@home.example", "b@home.example", "c@home.example")
MAIL = {"sender": SENDER, "clauses": ("VOL-1", "POL-2"), "recipients": PEOPLE, "text_hash": TEXT}


async def issued(store: Store) -> str:
    return await store.tokens.issue(**MAIL, case="2026-000017")


async def test_a_token_serves_once(store: Store) -> None:
    token = await issued(store)
    assert await store.tokens.redeem(token, **MAIL, justification="it is casework") == "2026-000017"
    assert await store.tokens.redeem(token, **MAIL) is None


async def test_a_token_is_short_and_forgives_typing(store: Store) -> None:
    token = await issued(store)
    assert len(token) == 10
    assert set(token) <= set(ALPHABET)
    typed = f" {token[:5].lower()}-{token[5:].replace('0', 'o').replace('1', 'l')} "
    assert normal(typed) == token
    assert await store.tokens.redeem(typed, **MAIL) == "2026-000017"


@pytest.mark.parametrize(
    "change",
    [
        {"sender": "other@council.example"},
        {"text_hash": "another text"},
        {"clauses": ("VOL-1", "POL-2", "SEC-1")},
        {"recipients": (*PEOPLE, "d@home.example")},
        {"recipients": ("d@home.example",)},
    ],
)
async def test_a_token_serves_no_other_mail(store: Store, change: dict[str, object]) -> None:
    token = await issued(store)
    assert await store.tokens.redeem(token, **MAIL | change) is None
    assert await store.tokens.redeem(token, **MAIL) == "2026-000017"


async def test_fewer_recipients_and_clauses_pass(store: Store) -> None:
    token = await issued(store)
    fewer = MAIL | {"recipients": ("B@home.example",), "clauses": ("VOL-1",), "sender": SENDER.lower()}
    assert await store.tokens.redeem(token, **fewer) == "2026-000017"


async def test_a_token_ends_after_a_day(store: Store, clock) -> None:
    token = await issued(store)
    clock.forward(hours=24)
    assert await store.tokens.redeem(token, **MAIL) is None
    assert await store.tokens.redeem("0000000000", **MAIL) is None


async def test_two_gateways_one_success(store: Store, opened) -> None:
    other = await opened()
    for _ in range(5):
        token = await issued(store)
        got = await asyncio.gather(*(each.tokens.redeem(token, **MAIL) for each in (store, other, store, other)))
        assert sorted(map(str, got)) == ["2026-000017", "None", "None", "None"]
    await other.close()


async def test_a_restored_token_serves_again(store: Store) -> None:
    token = await issued(store)
    await store.tokens.redeem(token, **MAIL)
    await store.tokens.restore(token)
    assert await store.tokens.redeem(token, **MAIL) == "2026-000017"


async def test_the_row_tells_nothing(store: Store) -> None:
    token = await issued(store)
    await store.tokens.redeem(token, **MAIL, justification="casework")
    async with store.database.read() as connection:
        [row] = (await connection.execute(select(schema.tokens))).mappings()
    kept = str(dict(row)).lower()
    assert row["justification"] == "casework"
    assert token.lower() not in kept
    assert "@" not in kept
    assert TEXT not in kept

"""A grant serves its member, clause and dates, until it is ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mailguard.mail.errors import StoreError
from mailguard.store.errors import NotFound
from mailguard.store.grants import Grant
from mailguard.store.store import Store


async def given(store: Store, clock, **values: object) -> Grant:
    terms = {
        "purpose": "ward walkabout",
        "largest": 200,
        "begins": clock(),
        "ends": clock() + timedelta(days=7),
        "approver": "officer",
    }
    return await store.grants.add("Cllr@Council.example", "VOL-3", **terms | values)


async def test_a_live_grant_is_found_within_its_dates(store: Store, clock) -> None:
    grant = await given(store, clock)
    assert await store.grants.list() == [grant]
    assert grant.largest == 200
    for days, live in ((-0.001, False), (0, True), (6.999, True), (7, False)):
        found = await store.grants.live("cllr@council.EXAMPLE", "VOL-3", clock() + timedelta(days=days))
        assert bool(found) is live, days
    assert await store.grants.live("cllr@council.example", "VOL-1", clock()) == []
    assert await store.grants.live("other@council.example", "VOL-3", clock()) == []


async def test_an_ended_grant_serves_no_more(store: Store, clock) -> None:
    grant = await given(store, clock, largest=None)
    ended = await store.grants.end(grant.id, "deputy")
    assert (ended.ended, ended.ended_by, ended.largest) == (clock(), "deputy", None)
    assert await store.grants.live("cllr@council.example", "VOL-3", clock()) == []
    assert await store.grants.list() == [ended]
    with pytest.raises(NotFound):
        await store.grants.end(grant.id, "deputy")


async def test_dates_must_run_forwards(store: Store, clock) -> None:
    with pytest.raises(StoreError, match="must end after"):
        await given(store, clock, ends=clock())

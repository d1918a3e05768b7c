"""Retention: by kind, only what is closed, never what is frozen, and always with a record."""

from __future__ import annotations

from hashlib import sha256

import pytest

from mailguard.mail.errors import StoreError
from mailguard.store import retention
from mailguard.store.errors import NotFound
from mailguard.store.journal import Entry
from mailguard.store.retention import purge
from mailguard.store.store import Store
from tests.store.specimens import PLAN, files, message, new_case, new_delivery

DAY = 86400.0
ALL = dict.fromkeys(retention.KINDS, 30 * DAY)
TOKEN = {"sender": "s@x", "clauses": ["VOL-1"], "recipients": ["a@x"], "text_hash": "t"}


async def refused(store: Store) -> str:
    case = await store.hold(new_case(), message(), plan=PLAN)
    await store.refuse(case.number, "officer", "not council business")
    return case.number


async def test_a_body_goes_before_its_case(store: Store, clock) -> None:
    number = await refused(store)
    clock.forward(days=10)
    report = await purge(store, clock(), {"bodies": 7 * DAY, "cases": 30 * DAY})
    assert [(item.kind, item.count) for item in report.deletions] == [("bodies", 1)]
    assert files(store.held) == []
    case = await store.cases.get(number)
    assert (case.state, case.body) == ("refused", None)
    clock.forward(days=21)
    report = await purge(store, clock(), {"bodies": 7 * DAY, "cases": 30 * DAY})
    assert [(item.kind, item.count) for item in report.deletions] == [("cases", 1)]
    with pytest.raises(NotFound):
        await store.cases.get(number)
    assert await store.cases.history(number) == []


async def test_what_is_young_or_open_stays(store: Store, clock) -> None:
    held = await store.hold(new_case(), message(), plan=PLAN)
    released = await store.hold(new_case(), message(), plan=PLAN)
    await store.release(released.number, "officer", "")
    clock.forward(days=400)
    await refused(store)
    await store.send(new_delivery("notice"), message())
    keep = {kind: DAY for kind in retention.KINDS if kind != "held"}
    assert await purge(store, clock(), keep) == retention.Report()
    assert len(files(store.held)) == 4
    [leased] = [row for row in await store.deliveries.lease("w", 9, 60) if row.kind == "release"]
    await store.deliveries.uncertain(leased)
    clock.forward(days=400)
    await purge(store, clock(), keep)
    assert {case.number for case in await store.cases.list()} == {held.number, released.number}
    assert (await store.bodies.open(released.body)).size == message().size
    assert await store.deliveries.get(leased.id)


async def test_a_held_mail_expires_only_where_that_is_asked(store: Store, clock) -> None:
    case = await store.hold(new_case(), message(), plan=PLAN)
    clock.forward(days=31)
    report = await purge(store, clock(), {"held": 30 * DAY, "bodies": 7 * DAY})
    assert (report.expired, report.deletions) == ((case.number,), ())
    assert (await store.cases.history(case.number))[-1].by == "retention"
    with pytest.raises(StoreError):
        await store.release(case.number, "officer", "")
    clock.forward(days=8)
    await purge(store, clock(), {"bodies": 7 * DAY})
    assert files(store.held) == []


async def test_what_is_frozen_stays_whole(store: Store, clock) -> None:
    number = await refused(store)
    waiting = await store.hold(new_case(), message(), plan=PLAN)
    token = await store.tokens.issue(**TOKEN, case=number)
    for each in (number, waiting.number):
        await store.cases.freeze(each, True, "clerk", "appeal")
    clock.forward(days=400)
    assert await purge(store, clock(), ALL) == retention.Report()
    case = await store.cases.get(number)
    assert (await store.bodies.open(case.body)).size == message().size
    await store.cases.freeze(number, False, "clerk", "closed")
    report = await purge(store, clock(), ALL)
    assert {item.kind: item.count for item in report.deletions} == {"bodies": 1, "tokens": 1, "cases": 1}
    assert await store.tokens.redeem(token, **TOKEN) is None


async def test_deleting_leaves_a_record_with_a_hash(store: Store, clock) -> None:
    for number in (1, 2):
        store.journal.record(Entry(id=f"m{number}", at=clock(), action="pass"))
    await store.journal.flush()
    await store.mailings.reserve("k", ["a"], 3600, "m1")
    clock.forward(days=31)
    report = await purge(store, clock(), ALL)
    assert {item.kind: item.count for item in report.deletions} == {"mailings": 1, "journal": 2}
    assert await retention.deletions(store) == list(report.deletions)
    assert report.deletions[1].hash == sha256(b"m1 1\nm2 2").hexdigest()
    assert report.deletions[1].at == clock()
    assert await store.journal.count() == 0


async def test_a_kind_not_named_is_kept(store: Store, clock) -> None:
    number = await refused(store)
    clock.forward(days=9999)
    assert await purge(store, clock(), {}) == retention.Report()
    assert (await store.cases.get(number)).body
    with pytest.raises(ValueError, match="no such kind: boxes"):
        await purge(store, clock(), {"boxes": 1})


async def test_much_is_purged_in_pieces(store: Store, clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PIECE", 3)
    for number in range(8):
        store.journal.record(Entry(id=f"m{number}", at=clock(), action="pass"))
        await store.cases.open(new_case(state="blocked"))
    await store.journal.flush()
    clock.forward(days=31)
    report = await purge(store, clock(), ALL)
    assert [item.count for item in report.deletions if item.kind == "journal"] == [3, 3, 2]
    assert [item.count for item in report.deletions if item.kind == "cases"] == [3, 3, 2]


async def test_a_purge_that_fails_deletes_nothing(store: Store, clock, monkeypatch: pytest.MonkeyPatch) -> None:
    number = await refused(store)
    clock.forward(days=31)

    def broken(*_: object) -> None:
        raise StoreError("broken")

    monkeypatch.setattr(retention, "Deletion", broken)
    with pytest.raises(StoreError):
        await purge(store, clock(), ALL)
    case = await store.cases.get(number)
    assert (await store.bodies.open(case.body)).size == message().size


async def test_what_a_crash_left_is_swept(store: Store, clock) -> None:
    await store.bodies.put(message())
    clock.forward(minutes=59)
    assert (await purge(store, clock(), {})).swept == 0
    clock.forward(minutes=2)
    assert (await purge(store, clock(), {})).swept == 1
    assert files(store.held) == []


async def test_ended_deliveries_go_and_waiting_ones_stay(store: Store, clock) -> None:
    await store.send(new_delivery("notice"), message())
    [leased] = await store.deliveries.lease("w", 1, 60)
    await store.deliveries.done(leased)
    waiting = await store.send(new_delivery("notice"), message())
    clock.forward(days=31)
    report = await purge(store, clock(), {"deliveries": DAY})
    assert [(item.kind, item.count) for item in report.deletions] == [("deliveries", 1)]
    assert [row.id for row in await store.deliveries.list()] == [waiting.id]

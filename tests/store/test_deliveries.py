"""Deliveries: leased to one, never lost, and a release never doubled."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from mailguard.mail.envelope import Envelope
from mailguard.store.errors import LeaseLost, NotFound
from mailguard.store.store import Store
from tests.store.specimens import ENVELOPE, PLAN, files, message, new_case, new_delivery


async def held_and_released(store: Store, legs: int = 1) -> str:
    case = await store.hold(new_case(), message(), plan=PLAN * legs)
    await store.release(case.number, "officer", "")
    return case.number


async def test_a_pending_leg_is_not_leased_before_it_is_promoted(store: Store) -> None:
    [leg] = await store.legs([(new_delivery(case=None), message())])
    assert leg.state == "pending"
    assert await store.deliveries.lease("w", 10, 60) == []
    await store.deliveries.promote([leg.id])
    [leased] = await store.deliveries.lease("w", 10, 60)
    assert (leased.id, leased.envelope, leased.attempts) == (leg.id, ENVELOPE, 1)
    assert (await store.bodies.open(leased.body)).read() == message().read()


async def test_dropping_takes_row_and_body(store: Store) -> None:
    legs = await store.legs([(new_delivery(), message()), (new_delivery(), message())])
    await store.deliveries.drop([leg.id for leg in legs])
    assert await store.deliveries.list() == []
    assert files(store.held) == []


async def test_what_is_ready_cannot_be_dropped(store: Store) -> None:
    [leg] = await store.legs([(new_delivery(), message())])
    await store.deliveries.promote([leg.id])
    await store.deliveries.drop([leg.id])
    assert len(await store.deliveries.lease("w", 1, 60)) == 1


async def test_promotion_is_all_or_none(store: Store) -> None:
    one, two = await store.legs([(new_delivery(), message()), (new_delivery(), message())])
    await store.deliveries.drop([two.id])
    with pytest.raises(NotFound):
        await store.deliveries.promote([one.id, two.id])
    assert (await store.deliveries.get(one.id)).state == "pending"


async def test_a_dead_gateway_s_pending_legs_are_dropped(store: Store, clock) -> None:
    await store.legs([(new_delivery(), message())])
    clock.forward(minutes=14)
    await store.deliveries.lease("w", 10, 60)
    assert len(await store.deliveries.list()) == 1
    clock.forward(minutes=2)
    assert await store.deliveries.lease("w", 10, 60) == []
    assert await store.deliveries.list() == []
    assert files(store.held) == []


async def test_nothing_is_leased_twice_while_the_lease_lasts(store: Store, opened, clock) -> None:
    for _ in range(12):
        await store.send(new_delivery("notice"), message())
    other = await opened()
    leasing = [
        each.deliveries.lease(name, 4, 60) for each, name in [(store, "a"), (other, "b"), (store, "c"), (other, "d")]
    ]
    leased = [delivery.id for batch in await asyncio.gather(*leasing) for delivery in batch]
    leased += [delivery.id for delivery in await store.deliveries.lease("e", 99, 60)]
    assert len(leased) == len(set(leased)) == 12
    clock.forward(seconds=61)
    assert len(await other.deliveries.lease("f", 99, 60)) == 12
    await other.close()


async def test_a_lease_can_be_renewed_until_it_has_run_out(store: Store, clock) -> None:
    await store.send(new_delivery("notice"), message())
    [leased] = await store.deliveries.lease("w", 1, 45)
    clock.forward(seconds=40)
    await store.deliveries.renew(leased, 45)
    clock.forward(seconds=40)
    assert await store.deliveries.lease("v", 1, 45) == []
    clock.forward(seconds=6)
    with pytest.raises(LeaseLost):
        await store.deliveries.renew(leased, 45)
    assert len(await store.deliveries.lease("v", 1, 45)) == 1


async def test_the_oldest_comes_first_and_no_more_than_asked(store: Store, clock) -> None:
    ids = []
    for _ in range(3):
        ids.append((await store.send(new_delivery("notice"), message())).id)
        clock.forward(seconds=1)
    assert [delivery.id for delivery in await store.deliveries.lease("w", 2, 60)] == ids[:2]


async def test_a_retry_waits_and_keeps_only_who_is_left(store: Store, clock) -> None:
    await store.send(new_delivery("notice"), message())
    [leased] = await store.deliveries.lease("w", 1, 60)
    await store.deliveries.retry(leased, ENVELOPE.recipients[1:], clock() + timedelta(minutes=5), "451 later")
    assert await store.deliveries.lease("w", 1, 60) == []
    clock.forward(minutes=5)
    [again] = await store.deliveries.lease("w", 1, 60)
    assert again.envelope == Envelope(ENVELOPE.sender, ENVELOPE.recipients[1:], ENVELOPE.options)
    assert (again.attempts, again.reply) == (2, "451 later")


@pytest.mark.parametrize("end", ["done", "failed"])
async def test_what_ended_keeps_its_row_and_loses_its_body(store: Store, end: str) -> None:
    await store.send(new_delivery("leg"), message())
    [leased] = await store.deliveries.lease("w", 1, 60)
    await getattr(store.deliveries, end)(leased, "250 2.0.0 ok")
    kept = await store.deliveries.get(leased.id)
    assert (kept.state, kept.body, kept.reply) == (end, None, "250 2.0.0 ok")
    assert files(store.held) == []
    with pytest.raises(LeaseLost):
        await store.deliveries.done(leased)


async def test_a_failure_and_its_dsn_are_one_step(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.send(new_delivery("leg"), message())
    [leased] = await store.deliveries.lease("w", 1, 60)
    dsn = new_delivery("dsn", body=(await store.bodies.put(message(300))).id)
    insert = store.deliveries.insert

    async def broken(*_: object) -> None:
        raise NotFound("broken")

    monkeypatch.setattr(store.deliveries, "insert", broken)
    with pytest.raises(NotFound):
        await store.deliveries.failed(leased, "550 no", then=dsn)
    assert (await store.deliveries.get(leased.id)).state == "ready"
    monkeypatch.setattr(store.deliveries, "insert", insert)
    await store.deliveries.failed(leased, "550 no", then=dsn)
    [sent] = await store.deliveries.lease("w", 10, 60)
    assert (sent.kind, sent.body) == ("dsn", dsn.body)


async def test_who_lost_his_lease_may_not_send_or_end(store: Store, clock) -> None:
    await held_and_released(store)
    [mine] = await store.deliveries.lease("a", 1, 60)
    clock.forward(seconds=61)
    with pytest.raises(LeaseLost):
        await store.deliveries.sending(mine)
    [his] = await store.deliveries.lease("b", 1, 60)
    assert his.id == mine.id
    for call in (store.deliveries.sending, store.deliveries.done, store.deliveries.uncertain):
        with pytest.raises(LeaseLost):
            await call(mine)
    with pytest.raises(LeaseLost):
        await store.deliveries.retry(mine, ENVELOPE.recipients, clock(), "")
    await store.deliveries.sending(his)
    await store.deliveries.done(his)


async def test_a_release_whose_worker_died_after_the_dot_is_uncertain(store: Store, clock) -> None:
    number = await held_and_released(store)
    [leased] = await store.deliveries.lease("a", 1, 60)
    await store.deliveries.sending(leased)
    clock.forward(seconds=61)
    assert await store.deliveries.lease("b", 1, 60) == []
    assert (await store.cases.get(number)).state == "delivery uncertain"
    assert (await store.deliveries.get(leased.id)).state == "uncertain"
    clock.forward(days=2)
    assert await store.deliveries.lease("b", 1, 60) == []


async def test_a_release_that_is_sent_while_another_looks_is_not_sent_twice(
    store: Store, opened, clock, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two gateways whose clocks differ: to the one the lease has run out, to the other it has not."""
    if kind == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    number = await held_and_released(store)
    [leased] = await store.deliveries.lease("a", 1, 60)
    ahead = await opened(clock=lambda: clock.now + timedelta(seconds=61))
    give_up = ahead.deliveries._give_up

    async def and_then(connection: AsyncConnection, now: datetime) -> None:
        await give_up(connection, now)
        await store.deliveries.sending(leased)

    monkeypatch.setattr(ahead.deliveries, "_give_up", and_then)
    assert await ahead.deliveries.lease("b", 1, 60) == []
    await store.deliveries.done(leased)
    assert (await store.cases.get(number)).state == "delivered"
    await ahead.close()


async def test_a_release_whose_worker_died_before_the_dot_is_sent(store: Store, clock) -> None:
    number = await held_and_released(store)
    await store.deliveries.lease("a", 1, 60)
    clock.forward(seconds=61)
    [again] = await store.deliveries.lease("b", 1, 60)
    await store.deliveries.sending(again)
    await store.deliveries.done(again)
    assert (await store.cases.get(number)).state == "delivered"
    assert [line.state for line in await store.cases.history(number)] == ["held", "released", "delivered"]


async def test_a_release_refused_for_now_may_be_sent_again(store: Store, clock) -> None:
    await held_and_released(store)
    [leased] = await store.deliveries.lease("a", 1, 60)
    await store.deliveries.sending(leased)
    await store.deliveries.retry(leased, ENVELOPE.recipients, clock(), "451 busy")
    clock.forward(seconds=61)
    assert len(await store.deliveries.lease("b", 1, 60)) == 1


async def test_what_is_no_release_is_sent_while_another_writes_and_only_by_who_has_the_lease(
    store: Store, clock
) -> None:
    [leg] = await store.legs([(new_delivery("leg"), message())])
    await store.deliveries.promote([leg.id])
    [mine] = await store.deliveries.lease("a", 1, 60)
    async with store.database.write():
        await store.deliveries.sending(mine)
    clock.forward(seconds=61)
    with pytest.raises(LeaseLost):
        await store.deliveries.sending(mine)
    [his] = await store.deliveries.lease("b", 1, 60)
    await store.deliveries.sending(his)
    with pytest.raises(LeaseLost):
        await store.deliveries.sending(mine)


async def test_other_mail_is_tried_again_after_a_lost_reply(store: Store, clock) -> None:
    [leg] = await store.legs([(new_delivery("leg"), message())])
    await store.deliveries.promote([leg.id])
    [leased] = await store.deliveries.lease("a", 1, 60)
    await store.deliveries.sending(leased)
    clock.forward(seconds=61)
    assert len(await store.deliveries.lease("b", 1, 60)) == 1


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        (("done", "done"), "delivered"),
        (("done", "failed"), "undelivered"),
        (("failed", "uncertain"), "delivery uncertain"),
        (("uncertain", "done"), "delivery uncertain"),
    ],
)
async def test_a_case_tells_how_all_its_legs_ended(store: Store, ends: tuple[str, str], state: str) -> None:
    number = await held_and_released(store, legs=2)
    for delivery, end in zip(await store.deliveries.lease("w", 2, 60), ends, strict=True):
        assert (await store.cases.get(number)).state == "released"
        await getattr(store.deliveries, end)(delivery, "said")
    case = await store.cases.get(number)
    assert case.state == state
    assert (await store.bodies.open(case.body)).read() == message().read()


async def test_two_legs_that_end_at_once_close_the_case(store: Store, opened) -> None:
    other = await opened()
    number = await held_and_released(store, legs=2)
    one, two = await store.deliveries.lease("w", 2, 60)
    await asyncio.gather(store.deliveries.done(one), other.deliveries.done(two))
    assert (await store.cases.get(number)).state == "delivered"
    await other.close()


async def test_counts_tell_what_waits(store: Store) -> None:
    assert await store.deliveries.counts() == {}
    await store.send(new_delivery("notice"), message())
    await held_and_released(store, legs=2)
    waiting = await store.deliveries.counts()
    assert waiting == {"notice": 1, "release": 2}


async def test_no_repr_tells_whom(store: Store) -> None:
    assert "@" not in repr(await store.send(new_delivery("notice"), message()))

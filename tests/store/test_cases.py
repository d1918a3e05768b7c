"""Cases: numbered without a gap, changed once, and quiet where they are sealed."""

from __future__ import annotations

import asyncio

import pytest

from mailguard.store.cases import STATES, NewCase
from mailguard.store.errors import NotFound, WrongState
from mailguard.store.store import Store
from tests.store.specimens import PLAN, message, new_case


async def test_numbers_run_on_and_begin_anew_each_year(store: Store, clock) -> None:
    numbers = [(await store.cases.open(new_case(state="blocked"))).number for _ in range(2)]
    clock.forward(days=365)
    numbers += [(await store.cases.open(new_case(state="blocked"))).number for _ in range(2)]
    assert numbers == ["2026-000001", "2026-000002", "2027-000001", "2027-000002"]


async def test_many_at_once_each_get_their_number(store: Store, opened) -> None:
    other = await opened()
    opening = (each.cases.open(new_case(state="blocked")) for each in [store, other] * 10)
    numbers = [case.number for case in await asyncio.gather(*opening)]
    assert sorted(numbers) == [f"2026-{number:06}" for number in range(1, 21)]
    await other.close()


async def test_a_case_comes_back_with_everything(store: Store) -> None:
    case = await store.cases.open(
        new_case(
            state="blocked",
            message_id="<\0\udc80é@council.example>",
            recipients=["zoë@büro.example", "\udcff@x"],
            factors={"audience": "nul \0 and surrogate \udc80"},
        )
    )
    kept = await store.cases.get(case.number)
    assert kept.message_id == "<\\x00\\udc80é@council.example>"
    assert kept.recipients == ["zoë@büro.example", "\udcff@x"]
    assert kept.factors == {"audience": "nul \0 and surrogate \udc80"}
    assert kept.clauses == case.clauses
    assert kept.created.tzinfo is not None


async def test_the_list_gives_every_state(store: Store) -> None:
    for state in sorted(STATES):
        await store.cases.open(new_case(state=state))
    cases = await store.cases.list()
    assert {case.state for case in cases} == STATES
    assert [case.number for case in cases] == sorted(case.number for case in cases)


async def test_a_sealed_case_keeps_nothing_readable(store: Store) -> None:
    case = await store.cases.open(new_case(sealed=True))
    kept = await store.cases.get(case.number)
    assert kept.message_id == ""
    assert kept.evidence == [{"rule": "recipients", "count": 30, "why": "thirty"}]
    assert case == kept


async def test_a_change_needs_the_expected_state_and_is_recorded(store: Store, clock) -> None:
    case = await store.cases.open(new_case(state="warned", reason="first"))
    clock.forward(minutes=5)
    changed = await store.cases.change(case.number, "confirmed", "the sender", "urgent", expect={"warned"})
    assert (changed.state, changed.changed, changed.created) == ("confirmed", clock(), case.created)
    assert await store.cases.get(case.number) == changed
    with pytest.raises(WrongState, match="is confirmed, not warned"):
        await store.cases.change(case.number, "confirmed", "the sender", "", expect={"warned"})
    with pytest.raises(WrongState, match="cannot be"):
        await store.cases.change(case.number, "lost", "x", "", expect={"confirmed"})
    with pytest.raises(NotFound):
        await store.cases.change("2026-000099", "confirmed", "x", "", expect={"warned"})
    lines = [(line.was, line.state, line.by, line.reason) for line in await store.cases.history(case.number)]
    assert lines == [("", "warned", "mailguard", "first"), ("warned", "confirmed", "the sender", "urgent")]


async def test_a_case_of_no_known_state_is_not_opened(store: Store) -> None:
    with pytest.raises(WrongState):
        await store.cases.open(NewCase(action="hold", state="kept", clauses=[]))
    with pytest.raises(NotFound):
        await store.cases.get("2026-000001")


async def test_held_mail_is_counted_with_its_age(store: Store, clock) -> None:
    assert await store.cases.held() == (0, None)
    first = await store.hold(new_case(), message(), plan=PLAN)
    clock.forward(hours=1)
    await store.hold(new_case(), message(), plan=PLAN)
    await store.cases.open(new_case(state="blocked"))
    assert await store.cases.held() == (2, first.created)


async def test_freezing_is_recorded(store: Store) -> None:
    case = await store.cases.open(new_case(state="blocked"))
    assert (await store.cases.freeze(case.number, True, "clerk", "appeal")).frozen
    assert not (await store.cases.freeze(case.number, False, "clerk", "closed")).frozen
    assert [line.reason for line in await store.cases.history(case.number)][1:] == [
        "frozen: appeal",
        "no longer frozen: closed",
    ]


async def test_no_repr_tells_whom(store: Store) -> None:
    case = await store.cases.open(new_case(state="blocked"))
    assert "@" not in repr(case)

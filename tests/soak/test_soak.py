"""The short form of the soak: every sort of fault once, on SQLite. The long one is `make soak`."""

from __future__ import annotations

from pathlib import Path

from tests.soak.faults import FAULTS
from tests.soak.ledger import HOP, VAULT, Kind, Ledger
from tests.soak.soak import Plan, soak
from tests.soak.summary import summary

QUICK = Plan(minutes=0, rate=60, gap=0.3, fault=0.5, sessions=8, disk=64, settle=3)


async def test_nothing_is_lost_and_nothing_doubled_whatever_breaks(tmp_path: Path) -> None:
    outcome = await soak(QUICK, tmp_path)
    told = summary(outcome)
    assert outcome.account.lost == [], told
    assert outcome.account.doubled == [], told
    assert {item.name for item in outcome.happenings} >= {fault.__name__ for fault in FAULTS} - set(outcome.left_out)
    # How many come through, and whether a person decides a hold in time, hangs on the machine: only that some do.
    assert outcome.account.counts["delivered"] > 0, told
    assert outcome.account.counts["of these released"] + outcome.account.counts["kept: held"] > 0, told


def ledger(code: int, *arrivals: tuple[str, bool], kind: Kind | None = None) -> Ledger:
    made = Ledger((kind or Kind("casework", 1, (HOP,)),))
    number = made.open(0, 0.0)
    for place, said in arrivals:
        made.arrived(place, b"X-Soak-Id: %d\r\n" % number, said, 1.0)
    made.answered(number, code, 2.0)
    return made


def test_the_ledger_sees_a_loss() -> None:
    assert ledger(250).settle({}, set(), []).lost
    assert ledger(250).settle({0: "blocked"}, set(), []).lost
    assert not ledger(250).settle({0: "held"}, set(), []).lost
    assert not ledger(250, (HOP, True)).settle({}, set(), []).lost
    legs = Kind("legs", 1, (HOP, VAULT), stored=True)
    assert ledger(250, (HOP, True), kind=legs).settle({}, set(), []).lost
    assert not ledger(250, (HOP, True), kind=legs).settle({}, {0}, []).lost


def test_the_ledger_sees_a_double() -> None:
    twice = ((HOP, True), (HOP, True))
    assert ledger(250, *twice).settle({}, set(), []).doubled
    assert ledger(250, *twice).settle({}, set(), [1.0]).doubled
    assert ledger(550, (HOP, True)).settle({}, set(), []).doubled
    assert not ledger(250, (HOP, False), (HOP, True)).settle({}, set(), []).doubled
    legs = Kind("legs", 1, (HOP, VAULT), stored=True)
    again = ((HOP, True), (VAULT, True), (VAULT, True))
    assert ledger(250, *again, kind=legs).settle({}, set(), []).doubled
    assert not ledger(250, *again, kind=legs).settle({}, set(), [2.0]).doubled

"""The calendar against the golden dates of LAW-2, wards, the close of poll, and the return of everything by itself."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from mailguard.policy.action import Action
from mailguard.policy.calendar import Calendar, changes, notice_day, working_day
from mailguard.policy.clause import Clause
from mailguard.policy.poll import Poll

LONDON = ZoneInfo("Europe/London")


def poll(day, **more):
    return Poll(name=more.pop("name", "County council elections"), date=day, **more)


@pytest.mark.parametrize(
    ("day", "notice"),
    [
        (date(2017, 5, 4), date(2017, 3, 27)),
        (date(2021, 5, 6), date(2021, 3, 29)),
        (date(2023, 5, 4), date(2023, 3, 27)),
        (date(2025, 5, 1), date(2025, 3, 25)),
        (date(2026, 5, 7), date(2026, 3, 30)),
        (date(2027, 5, 6), date(2027, 3, 31)),
    ],
)
def test_notice_is_the_25th_working_day_before(day, notice):
    assert notice_day(poll(day)) == notice


def test_an_entered_notice_wins():
    assert notice_day(poll(date(2021, 5, 6), notice=date(2021, 3, 22))) == date(2021, 3, 22)


@pytest.mark.parametrize(
    ("day", "nation", "counts"),
    [
        (date(2026, 12, 24), "england", False),
        (date(2026, 12, 23), "england", True),
        (date(2022, 9, 19), "england", False),
        (date(2026, 4, 3), "northern-ireland", False),
        (date(2026, 3, 17), "northern-ireland", False),
        (date(2026, 3, 17), "england", True),
        (date(2026, 8, 3), "scotland", False),
        (date(2026, 8, 3), "wales", True),
        (date(2026, 5, 9), "england", False),
    ],
)
def test_days_that_the_rules_leave_out(day, nation, counts):
    assert working_day(day, nation) is counts


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        (datetime(2026, 3, 29, 23, 59, tzinfo=LONDON), False),
        (datetime(2026, 3, 30, 0, 0, tzinfo=LONDON), True),
        (datetime(2026, 5, 7, 21, 59, tzinfo=LONDON), True),
        (datetime(2026, 5, 7, 22, 0, tzinfo=LONDON), False),
        (datetime(2026, 5, 7, 20, 59, tzinfo=ZoneInfo("UTC")), True),
        (datetime(2026, 5, 7, 21, 0, tzinfo=ZoneInfo("UTC")), False),
    ],
)
def test_a_period_lasts_from_the_notice_to_the_close_of_poll(at, inside):
    assert bool(Calendar([poll(date(2026, 5, 7))]).periods(at)) is inside


def test_a_by_election_concerns_its_ward_alone():
    calendar = Calendar([poll(date(2026, 5, 7), kind="by-election", wards=("Mill",))])
    at = datetime(2026, 5, 1, 12, tzinfo=LONDON)
    assert [period.concerned for period in calendar.periods(at, "mill")] == [True]
    assert [period.concerned for period in calendar.periods(at, "Castle")] == [False]
    assert [period.concerned for period in calendar.periods(at, "")] == [True]


def test_a_parliamentary_poll_concerns_every_ward():
    calendar = Calendar([poll(date(2026, 5, 7), kind="parliamentary", wards=("Mill",))])
    assert calendar.periods(datetime(2026, 5, 1, tzinfo=LONDON), "Castle")[0].concerned


def test_changes_are_listed_and_never_milder():
    made = Clause.model_validate(
        {
            "id": "POL-14",
            "cites": "protocol s7",
            "what": {"rule": "newsletter"},
            "unless": ["newsletter", "grant"],
            "do": "warn",
            "say": "A newsletter.",
            "in_period": {"do": "hold", "unless": ["newsletter"]},
        }
    )
    (change,) = changes([made])
    assert (change.usual, change.then, change.dropped) == (Action.WARN, Action.HOLD, ("grant",))

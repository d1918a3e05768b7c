"""The election calendar: which periods are in force on a day, for a ward. Law: an explicit notice date wins (LAW-2).

Where none is entered, the notice is taken to be published on the 25th working day before the poll, the last
day that the rules allow (SI 2006/3304 Schedule 3 and its like). Working days leave out Saturdays, Sundays,
Christmas Eve, Christmas Day, Good Friday, bank holidays of the nation, and days of thanksgiving or mourning.
A parliamentary general election runs on its own timetable: enter its notice date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo

from mailguard.policy.action import Action
from mailguard.policy.clause import Clause
from mailguard.policy.period import Period
from mailguard.policy.poll import Poll

LONDON = ZoneInfo("Europe/London")
NOTICE_DAYS = 25
CLOSE = time(22)
_SUBDIVISIONS = {"england": "ENG", "wales": "WLS", "scotland": "SCT", "northern-ireland": "NIR"}
# These polls are held everywhere in a council's area, whatever wards were entered for others.
_EVERYWHERE = frozenset({"parliamentary", "senedd", "scottish-parliament", "mayoral", "pcc"})


@cache
def _bank_holidays(nation: str, year: int) -> frozenset[date]:
    """Bank holidays of a nation; the library is imported at first use, for it costs some 150 ms."""
    import holidays

    return frozenset(holidays.country_holidays("GB", subdiv=_SUBDIVISIONS[nation], years=year))


def working_day(day: date, nation: str) -> bool:
    """True where the election rules count the day."""
    if day.weekday() >= 5 or (day.month, day.day) in {(12, 24), (12, 25)}:
        return False
    return day not in _bank_holidays(nation, day.year) and day != _good_friday(day.year)


def _good_friday(year: int) -> date:
    """Two days before Easter Sunday (the anonymous Gregorian algorithm, Meeus)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1) - timedelta(days=2)


def notice_day(poll: Poll) -> date:
    """The day of the notice of election: as entered, or the latest the rules allow."""
    if poll.notice:
        return poll.notice
    day, left = poll.date, NOTICE_DAYS
    while left:
        day -= timedelta(days=1)
        left -= working_day(day, poll.nation)
    return day


def period_of(poll: Poll) -> Period:
    """From 00:00 on the day of the notice to 22:00 on polling day, both in Europe/London."""
    return Period(
        name=poll.name,
        kind=poll.kind,
        start=datetime.combine(notice_day(poll), time(0), LONDON),
        end=datetime.combine(poll.date, CLOSE, LONDON),
        wards=() if poll.kind in _EVERYWHERE else poll.wards,
        computed=poll.notice is None,
    )


@dataclass(frozen=True)
class Change:
    """What a clause does in a period: its action otherwise and then, and the defences it no longer takes."""

    clause: str
    usual: Action
    then: Action
    wards: str
    dropped: tuple[str, ...] = ()


class Calendar:
    """The polls entered, in order of polling day."""

    def __init__(self, polls: Iterable[Poll]) -> None:
        self.polls = tuple(sorted(polls, key=lambda poll: poll.date))

    @cached_property
    def all(self) -> tuple[Period, ...]:
        """Every period, in order of polling day."""
        return tuple(period_of(poll) for poll in self.polls)

    def periods(self, at: datetime, ward: str = "") -> tuple[Period, ...]:
        """The periods in force at an aware time; `concerned` says whether the ward votes.

        A member without a recorded ward is concerned by every poll: what is not known is not milder.
        """
        return tuple(replace(period, concerned=_concerns(period, ward)) for period in self.all if period.holds(at))


def _concerns(period: Period, ward: str) -> bool:
    return not period.wards or not ward or ward.casefold() in {name.casefold() for name in period.wards}


def changes(clauses: Sequence[Clause]) -> tuple[Change, ...]:
    """What any period changes, clause by clause: for `mailguard periods` and for the preview of a poll."""
    made = []
    for clause in clauses:
        then = clause.in_period
        if then is None:
            continue
        dropped = () if then.unless is None else tuple(name for name in clause.unless if name not in then.unless)
        if dropped or then.do > clause.do:
            made.append(Change(clause.id, clause.do, max(clause.do, then.do), then.wards, dropped))
    return tuple(made)

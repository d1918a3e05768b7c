"""Limits an hour, by a clock of the test's own."""

from dataclasses import dataclass

from mailguard.pace import HOUR, Pace


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_limit_is_for_each_key_and_an_hour() -> None:
    clock = Clock()
    pace = Pace(2, clock)
    assert [pace.allows("a") for _ in range(3)] == [True, True, False]
    assert pace.allows("b")
    clock.now = HOUR - 1
    assert not pace.allows("a")
    clock.now = HOUR
    assert pace.allows("a")


def test_without_a_limit_or_a_key_all_pass() -> None:
    assert all(Pace(None, Clock()).allows("a") for _ in range(100))
    assert all(Pace(1, Clock()).allows("") for _ in range(100))


def test_who_sends_no_more_is_forgotten() -> None:
    clock = Clock()
    pace = Pace(5, clock)
    for number in range(100):
        pace.allows(str(number))
    clock.now = 2 * HOUR
    pace.allows("a")
    assert list(pace._sent) == ["a"]

"""Sizes and durations as people write them."""

import pytest

from mailguard.policy.units import parse_duration, parse_size


@pytest.mark.parametrize(("text", "size"), [("30MB", 30_000_000), ("1.5 kB", 1500), ("7B", 7), ("2GB", 2 * 10**9)])
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "seconds"), [("15s", 15), ("250ms", 0.25), ("5m", 300), ("1.5h", 5400), ("2d", 172800)]
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["30", "MB", "-1MB", "30 Mb", ""])
def test_what_is_no_size_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match="30MB"):
        parse_size(text)


@pytest.mark.parametrize("text", ["15", "s", "-1s", "1w", ""])
def test_what_is_no_duration_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match="15s"):
        parse_duration(text)

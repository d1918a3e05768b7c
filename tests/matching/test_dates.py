"""Dates in folded text, and whether they can be a birth."""

from __future__ import annotations

import pytest

from mailguard.matching.dates import birth_date, year_of


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("3/4/2015", 2015),
        ("12.4.78", 1978),
        ("1978-04-12", 1978),
        ("3 mawrth 1950", 1950),
        ("01 02 11", 2011),
        ("12041978", 1978),
    ],
)
def test_the_year_in_full(text, year):
    assert year_of(text) == year
    assert birth_date(text)


@pytest.mark.parametrize("text", ["12/04/1799", "45/04/1978", "13/14/1978", "1978"])
def test_what_is_no_birth_date(text):
    assert not birth_date(text)

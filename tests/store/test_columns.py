"""Columns: what goes in comes out, on either database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from mailguard.store.columns import Json, Moment, Words

DIALECTS = [sqlite.dialect(), postgresql.dialect()]
SUMMER = timezone(timedelta(hours=1))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_moment_keeps_its_instant(dialect) -> None:
    moment = datetime(2026, 7, 1, 12, 0, 0, 5, tzinfo=SUMMER)
    back = Moment().process_result_value(Moment().process_bind_param(moment, dialect), dialect)
    assert back == moment
    assert back.tzinfo is UTC
    assert Moment().process_bind_param(None, dialect) is None
    assert Moment().process_result_value(None, dialect) is None


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Moment().process_bind_param(datetime(2026, 7, 1, 12, 0), DIALECTS[0])


@pytest.mark.parametrize("value", [{"a": ["\0", "\udc80", "é"]}, [], {}, None, 1.5])
def test_json_comes_back_and_is_ascii(value: object) -> None:
    bound = Json().process_bind_param(value, DIALECTS[1])
    assert bound is None or bound.isascii()
    assert Json().process_result_value(bound, DIALECTS[1]) == value


@pytest.mark.parametrize(
    ("text", "kept"),
    [("plain", "plain"), ("Zoë", "Zoë"), ("a\0b", "a\\x00b"), ("é\0\udc80", "é\\x00\\udc80"), ("", ""), (None, None)],
)
def test_words_are_what_any_database_can_keep(text: str | None, kept: str | None) -> None:
    assert Words().process_bind_param(text, DIALECTS[1]) == kept
    assert Words().process_result_value(kept, DIALECTS[1]) == kept

"""The schema: its version is the last migration's, and its columns mean the same on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import DateTime, String

from mailguard.store.schema import HEAD, metadata
from mailguard.store.upgrade import MIGRATIONS

COLUMNS = [column for table in metadata.sorted_tables for column in table.columns]


def test_head_is_the_last_migration() -> None:
    names = sorted(path.name for path in (MIGRATIONS / "versions").glob("v*.py"))
    assert names[-1].startswith(f"v{HEAD}_")


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_only_columns_that_mean_the_same_on_both(column) -> None:
    # A bare DateTime loses its zone on SQLite; a bare Text cannot keep what bad mail brings on PostgreSQL.
    assert type(column.type) is not DateTime
    assert type(column.type) is not String or column.type.length


def test_no_column_for_what_must_not_be_kept() -> None:
    names = {str(column) for column in COLUMNS}
    assert not {name for name in names if name.endswith((".subject", ".content", ".password", ".user"))}
    journal = {column.name for column in metadata.tables["journal"].columns}
    assert not journal & {"sender", "recipients", "member", "message_id"}

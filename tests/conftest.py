"""What tests of several floors start: one PostgreSQL server for them all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.postgres import Postgres, missing


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    if why := missing():
        pytest.skip(why)
    server = Postgres.create()
    yield server
    server.remove()

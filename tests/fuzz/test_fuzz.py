"""The short run: every kept seed, and some hundred texts like them. The long one is `make fuzz`."""

from __future__ import annotations

import pytest

from tests.fuzz.mutate import mutations, seeds
from tests.fuzz.targets import TARGETS

COUNT = {"wire": 1500, "replies": 1500, "commands": 1500, "proxy": 1500, "mime": 400, "readers": 600, "config": 40}


@pytest.mark.parametrize("name", TARGETS)
def test_no_text_breaks_a_promise(name: str) -> None:
    given = seeds(name)
    assert given
    for data in [*given, *mutations(given, COUNT[name])]:
        try:
            TARGETS[name](data)
        except Exception as error:
            raise AssertionError(f"{name} breaks on {data!r}") from error


def test_chance_is_the_same_again() -> None:
    assert list(mutations([b"one", b"two"], 20)) == list(mutations([b"one", b"two"], 20))

"""A disk that fills up: every hold that was promised is whole, every other left nothing, and room helps at once."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailguard.mail.errors import StoreError, StoreFull
from mailguard.store.journal import Entry
from mailguard.store.store import Store
from tests.store.specimens import PLAN, files, message, new_case, noise


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Two megabytes of file system."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)]
    if os.geteuid() or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here (root alone can)")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


async def filled(store: Store, size: int) -> tuple[list[str], StoreError]:
    numbers = []
    while True:
        try:
            numbers.append((await store.hold(new_case(), noise(size), plan=PLAN)).number)
        except StoreError as error:
            return numbers, error


@pytest.mark.parametrize("size", [700, 60_000])
async def test_a_full_disk_loses_nothing(small_disk: Path, clock, size: int) -> None:
    url = f"sqlite:///{small_disk}/mailguard.db"
    store = await Store.open(url, small_disk / "held", small_disk / "key", clock=clock)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_000_000))
    numbers, error = await filled(store, size)
    assert isinstance(error, StoreFull), error
    assert len(numbers) >= 5
    store.journal.record(Entry(id="m1", at=clock(), action="hold"))
    ballast.unlink()
    cases = await store.cases.list()
    assert [case.number for case in cases] == numbers
    for case in cases:
        assert (await store.bodies.open(case.body)).size == size
    assert files(store.held) == sorted(f"{case.body}.sealed" for case in cases)
    assert (await store.hold(new_case(), message(), plan=PLAN)).state == "held"
    await store.close()


async def test_a_mailing_that_cannot_be_counted_is_told(small_disk: Path, clock) -> None:
    store = await Store.open(
        f"sqlite:///{small_disk}/mailguard.db", small_disk / "held", small_disk / "key", clock=clock
    )
    assert await store.mailings.reserve("k", ["a"], 3600, "m1") == 1
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space"):
        ballast.write_bytes(bytes(4_000_000))
    people = [f"{number}@home.example" for number in range(2000)]
    with pytest.raises(StoreFull):
        await store.mailings.reserve("k", people, 3600, "m2")
    ballast.unlink()
    assert await store.mailings.reserve("k", ["b"], 3600, "m3") == 2
    await store.close()

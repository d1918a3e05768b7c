"""SIGKILL at each step of a hold, a release, a leg and a delivery: nothing lost, nothing doubled, nothing half."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailguard.store.store import Store
from tests.store import crash
from tests.store.specimens import files, message


@pytest.fixture
def acknowledged(url: str, tmp_path: Path) -> set[str]:
    """The steps whose call returned before the kill; every step's process has died by it."""
    words = [sys.executable, "-m", "tests.store.crash", url, str(tmp_path)]
    root = Path(__file__).parents[2]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=root)
    lines = done.stdout.splitlines()
    assert {line.removeprefix("died ") for line in lines if line.startswith("died")} == set(crash.ARM), done.stderr
    return {line.removeprefix("acknowledged ") for line in lines if line.startswith("acknowledged")}


async def test_nothing_is_lost_doubled_or_half(acknowledged: set[str], url: str, tmp_path: Path) -> None:
    later = datetime.now(UTC) + timedelta(hours=2)
    store = await Store.open(url, tmp_path / "held", tmp_path / "key", spool=tmp_path, clock=lambda: later)
    cases = {case.mail_id: case for case in await store.cases.list()}
    rows = {case.mail_id: await store.deliveries.list(case.number) for case in cases.values()}

    # A hold is there with its 250, and without it only where the commit was made.
    assert acknowledged == {"hold: whole", "leg: after promote"}
    assert {step for step in cases if step.startswith("hold")} == {"hold: after the commit", "hold: whole"}
    for step, case in cases.items():
        kept = await store.bodies.open(case.body)
        assert kept.read() == (crash.MAIL if step.startswith("hold") else message()).read(), step
        kept.close()
        assert len(case.plan) == (1 if step.startswith("send") else 2)

    # A release has its state and all its deliveries, or neither.
    states = {step: (cases[step].state, len(rows[step])) for step in crash.RELEASE}
    assert states == dict.fromkeys(crash.RELEASE, ("held", 0)) | {"release: after the commit": ("released", 2)}

    # What was promoted is sent; what was not is gone with its body. A release is sent again only from before its dot.
    leased = await store.deliveries.lease("next", 99, 60)
    assert [row.route for row in leased if row.kind == "leg"] == ["leg: after promote"] * 2
    releases = {case.mail_id for case in cases.values() for row in leased if row.case == case.number}
    assert releases == {"release: after the commit", "send: leased"}
    ends = {step: (await store.cases.get(cases[step].number)).state for step in crash.SEND}
    assert ends == {
        "send: leased": "released",
        "send: sending": "delivery uncertain",
        "send: within done": "delivery uncertain",
        "send: after done": "delivered",
    }

    # What the dead left lying about is swept, and no more than that.
    await store.bodies.sweep(0)
    wanted = {case.body for case in cases.values()} | {row.body for row in leased}
    assert files(store.held) == sorted(f"{body}.sealed" for body in wanted)
    await store.close()

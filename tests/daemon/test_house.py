"""The supervisor's own part: what is kept for how long, and what killed workers left."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from mailguard.config import demo_config
from mailguard.daemon.assembly import load
from mailguard.daemon.house import CouncilHouse, keep, sweep_spools
from mailguard.observe.log import configure
from mailguard.observe.metrics import Metrics
from mailguard.store.retention import KINDS


def test_each_kind_of_record_has_its_time() -> None:
    config = load(None)
    assert set(keep(config)) == set(KINDS)
    assert keep(config)["journal"] == config.settings.retention.journal


def test_only_the_spools_of_ended_workers_go(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    old, own, other = (tmp_path / f"mailguard-{pid}-x" for pid in (ended.pid, os.getpid(), "word"))
    for folder in (old, own, other):
        folder.mkdir()
        (folder / "1.spool").write_bytes(b"x")
    sweep_spools(tmp_path)
    assert [folder.exists() for folder in (old, own, other)] == [False, True, True]


async def test_closing_waits_for_what_the_courier_has_under_way(tmp_path: Path) -> None:
    """A mail that the hop has taken must be recorded, or the next start sends it again."""
    text = demo_config().read_text()
    file = tmp_path / "mailguard.toml"
    file.write_text(text)
    (tmp_path / "members.csv").write_text((demo_config().parent / "members.csv").read_text())
    house = CouncilHouse(load(file), Metrics(), configure("error"))
    await house.open()
    under_way, recorded = asyncio.Event(), asyncio.Event()

    async def attempt() -> bool:
        under_way.set()
        await asyncio.sleep(0.2)
        recorded.set()
        return False

    house._courier.once = attempt
    house._courier.wake()
    await under_way.wait()
    house.end(20.0)
    await house.close()
    assert recorded.is_set()

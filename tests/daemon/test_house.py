"""The supervisor's own part: what is kept for how long, and what killed workers left."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

import pytest

from mailguard.config import demo_config
from mailguard.daemon.assembly import load
from mailguard.daemon.house import CouncilHouse, keep
from mailguard.mail.message import Message
from mailguard.observe.log import configure
from mailguard.observe.metrics import Metrics
from mailguard.store.retention import KINDS


def test_each_kind_of_record_has_its_time() -> None:
    config = load(None)
    assert set(keep(config)) == set(KINDS)
    assert keep(config)["journal"] == config.settings.retention.journal


async def opened(folder: Path) -> CouncilHouse:
    for name in ("mailguard.toml", "members.csv"):
        (folder / name).write_text((demo_config().parent / name).read_text())
    house = CouncilHouse(load(folder / "mailguard.toml"), Metrics(), configure("error"))
    await house.open()
    return house


async def test_a_held_mail_is_opened_where_the_next_start_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that is killed while it delivers leaves the mail in clear there."""
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spool))
    house = await opened(tmp_path)
    store = house._store
    assert store is not None
    mail = await store.bodies.open((await store.bodies.put(Message.of(b"x" * 2_000_000))).id)
    assert mail.blob.path is not None
    assert mail.blob.path.parent.name.startswith(f"mailguard-{os.getpid()}-")
    await house.close()
    assert list(spool.iterdir()) == []


async def test_closing_waits_for_what_the_courier_has_under_way(tmp_path: Path) -> None:
    """A mail that the hop has taken must be recorded, or the next start sends it again."""
    house = await opened(tmp_path)
    under_way, recorded = asyncio.Event(), asyncio.Event()

    async def attempt() -> bool:
        under_way.set()
        await asyncio.sleep(0.2)
        recorded.set()
        return False

    house._courier.once = attempt
    house._courier._wake.set()
    await under_way.wait()
    house.end(20.0)
    await house.close()
    assert recorded.is_set()

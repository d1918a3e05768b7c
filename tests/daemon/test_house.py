"""The supervisor's own part: what is kept for how long, and what killed workers left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mailguard.daemon.assembly import load
from mailguard.daemon.house import keep, sweep_spools
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

"""What killed processes left of mail in clear goes at the next start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mailguard.daemon import spools


def test_only_the_spools_of_ended_workers_go(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    old, own, other = (tmp_path / f"mailguard-{pid}-x" for pid in (ended.pid, os.getpid(), "word"))
    for folder in (old, own, other):
        folder.mkdir()
        (folder / "1.spool").write_bytes(b"x")
    spools.sweep(tmp_path)
    assert [folder.exists() for folder in (old, own, other)] == [False, True, True]

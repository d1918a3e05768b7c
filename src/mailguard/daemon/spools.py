"""Folders for what is too large for memory. Law: mail in clear outlives no process that wrote it by more than a start.

A folder bears the number of its process: the next start removes those of processes that were killed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path


def make() -> Path:
    """This process's own, which it removes when it ends."""
    return Path(tempfile.mkdtemp(prefix=f"mailguard-{os.getpid()}-"))


def remove(folder: Path) -> None:
    """With what is left in it."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove those of ours in `folder` whose process is gone."""
    for left in folder.glob("mailguard-*-*"):
        number = left.name.split("-")[1]
        if number.isdigit() and left.is_dir() and left.stat().st_uid == os.getuid() and not _alive(int(number)):
            remove(left)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

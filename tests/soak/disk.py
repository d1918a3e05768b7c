"""A small disk of our own, which can be filled. Law: a tmpfs in our own folder; the machine's disk is never filled."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class Disk:
    """`mount` gives False where this user may not."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self.megabytes = folder, megabytes
        self.mounted = False

    def mount(self) -> bool:
        self.folder.mkdir(exist_ok=True)
        words = ["mount", "-t", "tmpfs", "-o", f"size={self.megabytes}m,mode=0700", "tmpfs", str(self.folder)]
        self.mounted = os.geteuid() == 0 and subprocess.run(words, check=False, capture_output=True).returncode == 0
        return self.mounted

    def fill(self) -> None:
        """Until not one byte is left."""
        with (self.folder / "filling").open("wb", buffering=0) as file:
            for size in (2**20, 4096):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError:
                    continue

    def empty(self) -> None:
        (self.folder / "filling").unlink(missing_ok=True)

    def unmount(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=False)

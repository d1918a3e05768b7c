"""The gateway's processes: which they are, and what memory they really have. Law: only what hangs under the gateway."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


class Others:
    """What the rest of the machine takes from a soak: cores used by processes that do not hang under `roots`.

    A process that ended since the last look counts as another's for the time between.
    """

    def __init__(self) -> None:
        self._moment, self._all, self._ours = time.monotonic(), _busy(), dict[int, int]()

    def cores(self, roots: Iterable[int]) -> float:
        """Since the last call."""
        moment, every = time.monotonic(), _busy()
        ours = {pid: used for root in roots for pid in tree(root) if (used := _used(pid)) is not None}
        own = sum(used - self._ours.get(pid, 0) for pid, used in ours.items())
        taken = (every - self._all - own) / TICK / max(0.001, moment - self._moment)
        self._moment, self._all, self._ours = moment, every, ours
        return max(0.0, taken)


def _busy() -> int:
    """Ticks of all cores that were not idle: user, nice, system, irq, softirq, steal."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return sum(int(fields[item]) for item in (1, 2, 3, 6, 7, 8))


def _used(pid: int) -> int | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[11]) + int(fields[12])


def tree(root: int) -> dict[int, str]:
    """Process ids under `root`, itself included, with their command lines."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found, todo = {}, [root]
    while todo:
        pid = todo.pop()
        todo += parents.get(pid, [])
        try:
            found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
    return found


def workers(root: int) -> list[int]:
    """The mail workers."""
    return [pid for pid in tree(root) if _name(pid) == "mail-worker"]


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def readers(root: int) -> list[int]:
    """What hangs under the mail workers: the processes that read attachments."""
    ours = workers(root)
    return [pid for worker in ours for pid in tree(worker) if pid not in ours]


def kill(pids: list[int]) -> None:
    """SIGKILL, to those that still live."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def memory(root: int) -> float:
    """Proportional set size of the whole tree, in MB."""
    total = 0
    for pid in tree(root):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return total / 1000

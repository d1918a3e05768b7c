"""Gives freed memory back to the system. Law: where the C library cannot, nothing happens.

glibc keeps what was freed in the middle of its heaps: after expressions were compiled, or many large mails went
through at once, that is tens of MB of a worker (mallopt(3), malloc_trim(3)).
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
from pathlib import Path

EACH = 10.0
GROWN = 8 * 1024 * 1024
PAGE = os.sysconf("SC_PAGE_SIZE")
CYCLES = 20_000
"""Objects more than before at which cycles are looked for. A mail leaves none; at the usual 700 a worker under load
looked for them every few mails, a twentieth of all its time."""


def collect_seldom() -> None:
    """Look for cyclic garbage seldom."""
    gc.set_threshold(CYCLES)


def trim() -> None:
    """Return whole free pages of every heap; some milliseconds."""
    release = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if release is not None:
        release(0)


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


async def keep_trimmed(each: float = EACH) -> None:
    """Trim whenever this process has grown since the last time, until cancelled."""
    least = resident()
    while True:
        await asyncio.sleep(each)
        if resident() > least + GROWN:
            await asyncio.to_thread(trim)
            least = resident()

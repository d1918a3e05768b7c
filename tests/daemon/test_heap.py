"""Freed memory goes back to the system, at a word and by itself."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from mailguard.daemon.heap import CYCLES, collect_seldom

PROGRAM = """
import asyncio, contextlib, ctypes
from mailguard.daemon.heap import keep_trimmed, resident, trim

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p

def fragment():
    blocks = [libc.malloc(4000) for _ in range(10_000)]
    for block in blocks:
        ctypes.memset(block, 1, 4000)
    kept = blocks.pop()
    for block in blocks:
        libc.free(ctypes.c_void_p(block))
    return resident()

async def main(by_itself):
    before = None
    if by_itself:
        task = asyncio.create_task(keep_trimmed(0.01))
        await asyncio.sleep(0)
        before = fragment()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(20):
                while resident() > before - 30_000_000:
                    await asyncio.sleep(0.01)
        task.cancel()
    else:
        before = fragment()
        trim()
    print(before - resident())

asyncio.run(main({by_itself}))
"""


@pytest.mark.parametrize("by_itself", [False, True])
def test_free_pages_below_a_used_one_are_returned(by_itself: bool) -> None:
    program = PROGRAM.replace("{by_itself}", str(by_itself))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 30_000_000


def test_cycles_are_looked_for_seldom_and_still_found() -> None:
    usual = gc.get_threshold()
    try:
        collect_seldom()
        assert gc.get_threshold() == (CYCLES, *usual[1:])
        before = gc.get_stats()[0]["collections"]
        kept = []
        for _ in range(CYCLES * 2):
            loop: list[object] = []
            loop.append(loop)
            kept.append(loop)
        assert gc.get_stats()[0]["collections"] > before
    finally:
        gc.set_threshold(*usual)

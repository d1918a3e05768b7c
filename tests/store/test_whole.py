"""Work under way ends, whatever becomes of the one who waits."""

from __future__ import annotations

import asyncio

import pytest

from mailguard.store.whole import whole


async def test_a_cancelled_caller_waits_for_the_end() -> None:
    steps: list[str] = []
    begun, go = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        steps.append("begun")
        begun.set()
        await go.wait()
        steps.append("ended")

    async def caller() -> None:
        try:
            await whole(work())
        finally:
            steps.append("caller gone")

    task = asyncio.ensure_future(caller())
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == ["begun", "ended", "caller gone"]


async def test_what_stands_is_told_instead_of_the_cancellation() -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def work() -> int:
        begun.set()
        await go.wait()
        return 7

    task = asyncio.ensure_future(whole(work(), stands=True))
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    go.set()
    assert await task == 7


async def test_result_and_error_come_through() -> None:
    async def work(fail: bool) -> int:
        if fail:
            raise ValueError("no")
        return 7

    assert await whole(work(False)) == 7
    with pytest.raises(ValueError, match="no"):
        await whole(work(True))

"""Work that must not be cut in the middle. Law: a commit under way ends, whatever becomes of the one who waits."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def whole(work: Coroutine[Any, Any, T], *, stands: bool = False) -> T:
    """Run `work` to its end even where the caller is cancelled; he gets his cancellation after it.

    `stands`: what was done cannot be undone and must be told, so he gets its result or its error instead.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if stands:
            return task.result()
        if not task.cancelled():
            task.exception()
        raise

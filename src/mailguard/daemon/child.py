"""One mail worker as the supervisor sees it: a process and its control channel. Law: its death is seen at once."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import Sequence
from typing import Any

from mailguard.daemon.channel import Channel, Word
from mailguard.daemon.nursery import Newborn, Nursery
from mailguard.observe.gather import Snapshot


class Child:
    """A started worker. `faults` is set where it said why it cannot start, `status` when it is gone."""

    def __init__(self, newborn: Newborn, channel: Channel) -> None:
        self.pid, self.channel = newborn.pid, channel
        self.ready = asyncio.Event()
        self.gone = asyncio.Event()
        self.status: int | None = None
        self.faults: list[str] = []
        self.figures: Snapshot = []
        self._newborn = newborn
        self._asked: dict[int, asyncio.Future[Word]] = {}
        self._numbers = itertools.count(1)
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, nursery: Nursery, options: Sequence[str]) -> Child:
        """Have the nursery bear a worker with `options`. Raises OSError."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                newborn = await nursery.bear(options, theirs)
            except BaseException:
                ours.close()
                raise
        return cls(newborn, await Channel.over(ours))

    async def _listen(self) -> None:
        async for word in self.channel.words():
            match word.get("is"):
                case "ready":
                    self.ready.set()
                case "failed":
                    self.faults = list(word["faults"])
                case "metrics":
                    self.figures = word["figures"]
            future = self._asked.pop(word.get("id", 0), None)
            if future and not future.done():
                future.set_result(word)
        for future in self._asked.values():
            future.cancel()
        self.status = await self._newborn.ended
        self.channel.close()
        self.gone.set()

    async def ask(self, do: str, seconds: float, **more: Any) -> Word | None:
        """The answer to a request; None where none came in time or the worker is gone."""
        number = next(self._numbers)
        future: asyncio.Future[Word] = asyncio.get_running_loop().create_future()
        self._asked[number] = future
        self.channel.say({"do": do, "id": number, **more})
        try:
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            return None
        except asyncio.CancelledError:
            if future.cancelled() and not _cancelling():
                return None
            raise
        finally:
            self._asked.pop(number, None)

    def tell(self, do: str, **more: Any) -> None:
        """Say something that needs no answer."""
        self.channel.say({"do": do, **more})

    def kill(self) -> None:
        """End it now."""
        self._newborn.kill()


def _cancelling() -> bool:
    task = asyncio.current_task()
    return bool(task and task.cancelling())

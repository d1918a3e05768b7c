"""All mail workers: started, restarted, asked, drained. Law: a worker that dies comes back, and takes no mail with it.

A restart waits longer each time (BACK_OFF) until a worker has lived STEADY seconds. A worker that does not answer
on its channel for SILENT seconds is ended and started again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from structlog.typing import FilteringBoundLogger

from mailguard.config.load import Config
from mailguard.daemon.channel import pack
from mailguard.daemon.child import Child
from mailguard.daemon.nursery import Nursery
from mailguard.mail.errors import ConfigError
from mailguard.observe.gather import Snapshot, counters, merge
from mailguard.observe.metrics import Metrics

BACK_OFF = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
STEADY = 30.0
SILENT = 60.0
ROUND = 5.0
ANSWER = 2.0
FIRST = 30.0


class Crew:
    """`options` are every worker's; its number is put after them as `--index N`. `config` is what new ones run with."""

    def __init__(
        self, nursery: Nursery, options: Sequence[str], config: Config, metrics: Metrics, log: FilteringBoundLogger
    ) -> None:
        self._nursery, self._options, self._size = nursery, options, config.settings.listen.workers
        self._config = pack(config)
        self._metrics, self._log = metrics, log
        self._children: dict[int, Child] = {}
        self._retired: Snapshot = []
        self._keepers: list[asyncio.Task[None]] = []
        self._stopping = False
        self._refusals: list[str] = []

    async def start(self) -> None:
        """Start all and wait until each takes mail. Raises ConfigError where one says it cannot."""
        self._keepers = [asyncio.create_task(self._keep(index)) for index in range(self._size)]
        self._keepers.append(asyncio.create_task(self._watch()))
        deadline = asyncio.get_running_loop().time() + FIRST
        while self.ready < self._size:
            if self._refusals:
                raise ConfigError(self._refusals)
            if asyncio.get_running_loop().time() > deadline:
                raise ConfigError([f"the mail workers did not start within {FIRST:.0f} s; the log says more"])
            await asyncio.sleep(0.02)

    @property
    def ready(self) -> int:
        """How many workers take mail now."""
        return sum(child.ready.is_set() and not child.gone.is_set() for child in self._children.values())

    @property
    def pids(self) -> tuple[int, ...]:
        """The workers' process ids."""
        return tuple(child.pid for child in self._children.values() if not child.gone.is_set())

    async def _keep(self, index: int) -> None:
        loop, failures = asyncio.get_running_loop(), 0
        while True:
            born = loop.time()
            child = self._children[index] = await self._born(index)
            child.tell("start", config=self._config)
            await child.gone.wait()
            self._retired = merge([self._retired, counters(child.figures)])
            self._metrics.workers.set(self.ready)
            if self._stopping:
                return
            self._refusals += child.faults
            failures = 0 if loop.time() - born > STEADY else failures + 1
            delay = BACK_OFF[min(failures, len(BACK_OFF)) - 1] if failures else BACK_OFF[0]
            self._log.error("worker_died", worker=index, status=child.status, next_in=delay)
            await asyncio.sleep(delay)
            self._metrics.worker_restarts.inc()

    async def _born(self, index: int) -> Child:
        while True:
            try:
                return await Child.start(self._nursery, [*self._options, "--index", str(index)])
            except OSError as error:  # no process to be had now (a limit, memory): mail waits with its senders
                self._log.error("worker_not_started", worker=index, fault=type(error).__name__)
                await asyncio.sleep(BACK_OFF[-1])

    async def _watch(self) -> None:
        """Gather regularly, so that little is lost with a worker, and end those that hang."""
        silent: dict[int, float] = {}
        while True:
            await asyncio.sleep(ROUND)
            for child, answered in await self._ask_all("metrics", ROUND):
                pid = child.pid
                silent[pid] = 0.0 if answered or not child.ready.is_set() else silent.get(pid, 0.0) + 2 * ROUND
                if silent[pid] >= SILENT:
                    self._log.error("worker_hangs", pid=pid)
                    child.kill()
            silent = {pid: seconds for pid, seconds in silent.items() if seconds}

    async def _ask_all(self, do: str, seconds: float, **more: Any) -> list[tuple[Child, dict[str, Any] | None]]:
        children = [child for child in self._children.values() if not child.gone.is_set()]
        answers = await asyncio.gather(*(child.ask(do, seconds, **more) for child in children))
        return list(zip(children, answers, strict=True))

    async def figures(self) -> Snapshot:
        """The workers' figures as one: fresh where they answer within ANSWER, else the last known."""
        await self._ask_all("metrics", ANSWER)
        self._metrics.workers.set(self.ready)
        living = [child.figures for child in self._children.values() if not child.gone.is_set()]
        return merge([self._retired, *living])

    async def reload(self, config: Config) -> list[str]:
        """Have all go on with another configuration; returns the faults of those that kept the old one."""
        packed = pack(config)
        answers = await self._ask_all("reload", FIRST, config=packed)
        if any(word and not word["faults"] for _, word in answers):
            self._config = packed
        return [fault for _, word in answers for fault in (word["faults"] if word else ["a worker gave no answer"])]

    async def drain(self, seconds: float) -> bool:
        """Have all finish their mails and end; True where all did within `seconds`, else the rest is ended."""
        self._stopping = True
        for child in self._children.values():
            child.tell("drain", seconds=max(0.5, seconds - 1.0))
        waiting = [asyncio.create_task(child.gone.wait()) for child in self._children.values()]
        late: set[asyncio.Task[bool]] = set()
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=seconds)
        for child in self._children.values():
            if not child.gone.is_set():
                child.kill()
        if late:
            await asyncio.wait(late, timeout=5)
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        return not late

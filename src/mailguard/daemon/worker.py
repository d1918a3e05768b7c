"""A mail worker process: takes mail on the shared port. Law: it ends when the supervisor does, and drains first.

Forked from the nursery with the options `--listen HOST:PORT --level L --index N --control-fd FD`; the checked
configuration comes over the channel, so that a file that was broken since stops no restart.
SIGTERM drains; SIGINT and SIGHUP, which a terminal sends to the whole group, are the supervisor's to heed.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import uvloop
from structlog.typing import FilteringBoundLogger

from mailguard.config.load import Config
from mailguard.config.values import Address
from mailguard.daemon import heap
from mailguard.daemon.channel import Channel, Word, unpack
from mailguard.mail import blocks
from mailguard.mail.errors import ConfigError, MailguardError
from mailguard.observe.gather import snapshot
from mailguard.observe.log import configure
from mailguard.observe.metrics import Metrics

DRAIN = 28.0


class Engine(Protocol):
    """What takes mail: the whole of one worker but for its process."""

    async def open(self, config: Config) -> None:
        """Build all from the configuration. Raises MailguardError."""

    async def serve(self, address: Address) -> None:
        """Take mail on the shared port. Raises OSError."""

    async def reload(self, config: Config) -> None:
        """Go on with another configuration. Raises MailguardError, and then goes on with the old one."""

    async def drain(self, seconds: float) -> None:
        """Take no new mail, finish what is under way within `seconds`."""

    async def close(self) -> None:
        """Give up everything."""


EngineFactory = Callable[[Metrics, FilteringBoundLogger], Engine]


class Worker:
    """Joins the engine to the control channel and to signals."""

    def __init__(self, engine: Engine, metrics: Metrics, channel: Channel, log: FilteringBoundLogger) -> None:
        self._engine, self._metrics, self._channel, self._log = engine, metrics, channel, log
        self._end = asyncio.Event()
        self._seconds = DRAIN
        self._tasks: set[asyncio.Task[None]] = set()
        self._words = channel.words()

    async def run(self, address: Address) -> int:
        """Serve until told to end. 0 after a drain, 1 where it could not start."""
        blocks.give_back()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._end.set)
        loop.set_exception_handler(self._escaped)
        for ignored in (signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(ignored, lambda: None)
        try:
            word = await anext(self._words, None)
            if word is None:
                return 1
            await self._engine.open(unpack(word["config"]))
            await self._engine.serve(address)
            heap.collect_seldom()
            heap.trim()
        except (MailguardError, OSError) as error:
            self._channel.say({"is": "failed", "faults": _faults(error)})
            await self._channel.said()
            return 1
        self._channel.say({"is": "ready"})
        chores = [asyncio.create_task(self._listen()), asyncio.create_task(heap.keep_trimmed())]
        await self._end.wait()
        for chore in chores:
            chore.cancel()
        await self._engine.drain(self._seconds)
        self._channel.say({"is": "metrics", "figures": snapshot(self._metrics.registry)})
        await self._channel.said()
        await self._engine.close()
        self._channel.close()
        return 0

    def _escaped(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What no task caught: a fault of ours, told by type and place only."""
        self._log.error("fault", exc_info=context.get("exception"))

    async def _listen(self) -> None:
        async for word in self._words:
            match word["do"]:
                case "metrics":
                    figures = snapshot(self._metrics.registry)
                    self._channel.say({"is": "metrics", "id": word["id"], "figures": figures})
                case "reload":
                    task = asyncio.create_task(self._reload(word))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                case "drain":
                    self._seconds = float(word["seconds"])
                    self._end.set()
        self._end.set()

    async def _reload(self, word: Word) -> None:
        faults: list[str] = []
        try:
            await self._engine.reload(unpack(word["config"]))
        except MailguardError as error:
            faults = _faults(error)
        except Exception as error:  # the old configuration goes on whatever the new one broke
            self._log.error("reload_failed", exc_info=error)
            faults = [type(error).__name__]
        self._channel.say({"is": "reloaded", "id": word["id"], "faults": faults})


def _engine() -> EngineFactory:
    from mailguard.daemon.engine import MailEngine

    return MailEngine


def _faults(error: Exception) -> list[str]:
    return error.faults if isinstance(error, ConfigError) else [str(error) or type(error).__name__]


def main(arguments: Sequence[str] | None = None, factory: EngineFactory | None = None) -> int:
    """Run one worker; returns its exit status."""
    parser = argparse.ArgumentParser(prog="mailguard.daemon.worker")
    parser.add_argument("--listen", type=Address.parse, required=True)
    parser.add_argument("--level", default="info")
    parser.add_argument("--index", type=int, required=True)
    parser.add_argument("--control-fd", type=int, required=True)
    given = parser.parse_args(arguments)
    log = configure(given.level).bind(worker=given.index)
    make = factory or _engine()

    async def work() -> int:
        metrics = Metrics()
        channel = await Channel.over(socket.socket(fileno=given.control_fd))
        return await Worker(make(metrics, log), metrics, channel, log).run(given.listen)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work())


if __name__ == "__main__":
    raise SystemExit(main())

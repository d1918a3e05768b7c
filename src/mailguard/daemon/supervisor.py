"""The supervisor process: workers, courier, retention, HTTP. Law: a configuration with a fault never takes effect.

SIGTERM and SIGINT drain and end with 0; SIGHUP reloads, and keeps what runs where the new file has a fault.
No mail passes through this process but what the courier delivers from the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Callable
from http import HTTPStatus
from operator import attrgetter
from pathlib import Path
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from mailguard.config.load import Config
from mailguard.daemon.crew import Crew
from mailguard.daemon.notify import notify, watchdog
from mailguard.daemon.nursery import Nursery, preload
from mailguard.daemon.probes import Probe, Probes
from mailguard.daemon.sockets import reserve, taken
from mailguard.daemon.web import Page, Web
from mailguard.mail.errors import ConfigError, MailguardError
from mailguard.observe.gather import exposition, merge, snapshot
from mailguard.observe.log import configure, place, say
from mailguard.observe.metrics import Metrics

MEASURE = 15.0
AT_START = (
    "listen.address",
    "listen.workers",
    "web.address",
    "store.url",
    "store.held",
    "store.key",
    "readers.workers",
    "readers.memory",
    "logging.level",
)
"""Settings that are read when processes start."""


class House(Protocol):
    """What the supervisor does itself with the store: courier, retention, probes, figures."""

    config: Config

    async def open(self) -> None:
        """Make folders, key and schema; start the courier and retention. Raises MailguardError."""

    async def reload(self, config: Config) -> None:
        """Go on with another configuration. Raises MailguardError, and then goes on with the old one."""

    def probes(self) -> dict[str, Probe]:
        """What /readyz asks: `next_hop`, `store`, `encrypt`."""

    async def measure(self) -> None:
        """Set the gauges that come from the store."""

    def end(self, seconds: float) -> None:
        """The courier takes up nothing more; `close` gives what it has under way so much time from now."""

    async def close(self) -> None:
        """End the courier and close the store."""


Load = Callable[[Path], Config]
HouseFactory = Callable[[Config, Metrics, FilteringBoundLogger], House]


class Supervisor:
    """`nursery` has been forked: a process with a loop and threads cannot be."""

    def __init__(self, path: Path, load: Load, house: HouseFactory, nursery: Nursery) -> None:
        self._path, self._load, self._make, self._nursery = path, load, house, nursery
        self._metrics = Metrics()
        self._end = asyncio.Event()
        self._reload = asyncio.Event()
        self._draining = False

    async def run(self) -> int:
        """Until told to end; returns the exit status."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload.set)
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(self._nursery.close)
            try:
                await self._start(stack)
            except MailguardError as error:
                for fault in error.faults if isinstance(error, ConfigError) else [str(error)]:
                    say(fault)
                return 1
            await self._serve()
            await self._stop()
        self._log.info("ended")
        return 0

    async def _start(self, stack: contextlib.AsyncExitStack) -> None:
        config = await asyncio.to_thread(self._load, self._path)
        settings = config.settings
        self._log = configure(settings.logging.level)
        for warning in config.warnings:
            say(f"warning: {warning}")
        mail = stack.enter_context(reserve(settings.listen.address, "listen.address"))
        port = stack.enter_context(reserve(settings.web.address, "web.address"))
        address = taken(mail, settings.listen.address)
        self._house = self._make(config, self._metrics, self._log)
        stack.push_async_callback(self._house.close)
        await self._house.open()
        options = ["--listen", str(address), "--level", settings.logging.level]
        self._crew = Crew(self._nursery, options, config, self._metrics, self._log)
        self._probes = Probes(self._house.probes())
        # Before the first greeting, by which others know that the gateway is there.
        await self._open_web(stack, port)
        stack.push_async_callback(self._crew.drain, 1.0)
        await self._crew.start()
        self._metrics.config(config.policy.version, config.policy.name)
        self._log.info(
            "ready", listen_port=address.port, web_port=port.getsockname()[1], workers=settings.listen.workers
        )
        notify("READY=1")

    async def _open_web(self, stack: contextlib.AsyncExitStack, port: socket.socket) -> None:
        web = Web({"/metrics": self._figures, "/healthz": self._health, "/readyz": self._readiness})
        await web.start(port)
        stack.push_async_callback(web.stop)

    async def _serve(self) -> None:
        chores = [asyncio.create_task(self._reloads()), asyncio.create_task(self._measures())]
        if interval := watchdog():
            chores.append(asyncio.create_task(_wake(interval)))
        await self._end.wait()
        for chore in chores:
            chore.cancel()
        await asyncio.gather(*chores, return_exceptions=True)

    async def _stop(self) -> None:
        self._draining = True
        notify("STOPPING=1")
        self._log.info("draining")
        seconds = self._house.config.settings.limits.drain - 1.0
        self._house.end(seconds)
        if not await self._crew.drain(seconds):
            self._log.warning("drain_late")

    async def _reloads(self) -> None:
        while True:
            await self._reload.wait()
            self._reload.clear()
            notify("RELOADING=1")
            try:
                faults = await self._take_new()
            except Exception as error:  # what nobody foresaw in a file must not be the last reload
                faults = [f"{self._path}: cannot be taken: {type(error).__name__} at {place(error)}"]
            self._metrics.reloaded(not faults)
            if faults:
                self._log.error("config_refused", faults=faults, count=len(faults))
            notify("READY=1")

    async def _take_new(self) -> list[str]:
        """Have house and workers go on with the file as it is now, or none of them; gives its faults."""
        old = self._house.config
        try:
            config = await asyncio.to_thread(self._load, self._path)
            fixed = _fixed(old, config)
            if fixed:
                return fixed
            await self._house.reload(config)
            faults = await self._crew.reload(config)
            if faults:
                # Some may go on with it already, and the courier does.
                await self._house.reload(old)
                await self._crew.reload(old)
                return faults
        except ConfigError as error:
            return error.faults
        except MailguardError as error:
            return [str(error)]
        self._probes.probes = self._house.probes()
        self._metrics.config(config.policy.version, config.policy.name)
        self._log.info("config_active", version=config.policy.version, policy=config.policy.name)
        return []

    async def _measures(self) -> None:
        while True:
            try:
                await self._house.measure()
                for part, up in (await self._probes.outcome()).items():
                    self._metrics.part_up(part, up)
            except Exception as error:  # figures must not end the daemon: the next round tries again
                self._log.warning("measure_failed", exc_info=error)
            await asyncio.sleep(MEASURE)

    async def _figures(self) -> Page:
        workers = await self._crew.figures()
        figures = merge([snapshot(self._metrics.registry), workers])
        return Page(HTTPStatus.OK, exposition(figures), "text/plain; version=0.0.4; charset=utf-8")

    async def _health(self) -> Page:
        return Page(HTTPStatus.OK, b"ok\n")

    async def _readiness(self) -> Page:
        parts = await self._probes.outcome()
        parts["workers"] = self._crew.ready > 0 and not self._draining
        ready = all(parts.values())
        words = {part: "ok" if up else "unreachable" for part, up in parts.items()}
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return Page.json(status, {"ready": ready, "parts": words})


def _fixed(old: Config, new: Config) -> list[str]:
    """What cannot change while running, said as faults so that nobody believes it did."""
    return [
        f"{new.source}: {key} changes at a restart only; restart, or put the old value back"
        for key in AT_START
        if attrgetter(key)(old.settings) != attrgetter(key)(new.settings)
    ]


async def _wake(interval: float) -> None:
    while True:
        notify("WATCHDOG=1")
        await asyncio.sleep(interval)


def run(path: Path) -> int:
    """The daemon in the foreground, as `mailguard run` starts it; returns the exit status."""
    preload()
    from mailguard.daemon.assembly import load
    from mailguard.daemon.house import CouncilHouse
    from mailguard.daemon.worker import main as work

    nursery = Nursery([sys.executable, "-m", "mailguard.daemon.nursery"])
    nursery.fork(work)
    return asyncio.run(Supervisor(path.absolute(), load, CouncilHouse, nursery).run())

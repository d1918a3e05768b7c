"""The supervisor's own part: schema and key, courier, retention, probes. Law: one courier and one retention a gateway.

Workers take and judge mail; whatever is delivered later, counted from the store or deleted is done here.
"""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from structlog.typing import FilteringBoundLogger

from mailguard.actions.cases import notify
from mailguard.actions.handling import Services
from mailguard.config.load import Config
from mailguard.courier import Courier
from mailguard.daemon import assembly, spools
from mailguard.daemon.probes import Probe
from mailguard.observe.log import say
from mailguard.observe.metrics import Metrics
from mailguard.smtp.hop import HopPool
from mailguard.store import schema
from mailguard.store.cases import UNCERTAIN
from mailguard.store.retention import Report, purge
from mailguard.store.store import Store
from mailguard.store.upgrade import upgrade_apart

HOUR = 3600.0
AGAIN = 5.0


class CouncilHouse:
    """`config` is the one in force."""

    def __init__(self, config: Config, metrics: Metrics, log: FilteringBoundLogger) -> None:
        self.config = config
        self._metrics, self._log = metrics, log
        self._tasks: list[asyncio.Task[None]] = []
        self._until = 0.0
        self._store: Store | None = None
        self._spool: Path | None = None

    async def open(self) -> None:
        """Make folders, key and schema; start the courier and retention. Raises MailguardError."""
        spools.sweep(Path(tempfile.gettempdir()))
        table = self.config.settings.store
        await upgrade_apart(table.url)
        self._spool = spools.make()
        self._store = store = await Store.open(table.url, table.held, table.key, spool=self._spool)
        for warning in store.warnings:
            say(f"warning: {warning}")
        self._routes = assembly.routes(self.config, self._metrics)
        shared = assembly.services(self.config, store, self._routes)
        name = f"{socket.gethostname()}-{os.getpid()}"
        self._courier = Courier(shared, self._metrics, self._log, name)
        self._delivering = self._start("courier", self._deliver())
        self._start("retention", self._retain())

    async def reload(self, config: Config) -> None:
        """Go on with another configuration. Raises MailguardError, and then goes on with the old one."""
        assert self._store is not None
        routes = assembly.routes(config, self._metrics, self._routes)
        self._courier.services = assembly.services(config, self._store, routes)
        self.config, self._routes = config, routes

    def probes(self) -> dict[str, Probe]:
        """What /readyz asks. Hops are probed on connections of their own that are not counted."""
        assert self._store is not None
        found: dict[str, Probe] = {"store": self._store.ready}
        for part, route in (("next_hop", "next_hop"), ("encrypt", assembly.ENCRYPT)):
            if route in self._routes:
                found[part] = HopPool(self._routes[route].hop.settings).probe
        return found

    async def measure(self) -> None:
        """Count what waits for a person's word; the courier sets the other gauges of the store at each round."""
        assert self._store is not None
        query = select(func.count()).select_from(schema.cases).where(schema.cases.c.state == UNCERTAIN)
        async with self._store.database.read() as connection:
            self._metrics.uncertain.set((await connection.execute(query)).scalar_one())

    def end(self, seconds: float) -> None:
        """The courier takes up nothing more; `close` gives what it has under way so much time from now."""
        self._courier.end()
        self._until = asyncio.get_running_loop().time() + seconds

    async def close(self) -> None:
        """End the courier and close the store."""
        left = self._until - asyncio.get_running_loop().time()
        if left > 0:
            await asyncio.wait([self._delivering], timeout=left)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._store is not None:
            await self._store.close()
        if self._spool is not None:
            spools.remove(self._spool)

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._tasks.append(task)
        return task

    async def _deliver(self) -> None:
        while True:
            try:
                return await self._courier.run()
            except Exception as error:  # whatever befalls one round, what is stored must go on being delivered
                self._log.error("courier_failed", exc_info=error)
            await asyncio.sleep(AGAIN)

    async def _retain(self) -> None:
        while True:
            try:
                report = await retain(self._courier.services, self.config)
                for made in report.deletions:
                    self._log.info("deleted", kind=made.kind, count=made.count)
            except Exception as error:  # whatever befalls one round, the next must come
                self._log.error("retention_failed", exc_info=error)
            await asyncio.sleep(HOUR)


async def retain(shared: Services, config: Config) -> Report:
    """Delete what was kept long enough, and tell the senders of what nobody decided on. Raises StoreError."""
    report = await purge(shared.store, datetime.now(UTC), keep(config))
    for number in report.expired:
        await notify(shared, await shared.store.cases.get(number), "expired")
    return report


def keep(config: Config) -> dict[str, float]:
    """Seconds by the store's kinds, as `[retention]` says."""
    table = config.settings.retention
    return {
        "held": table.held,
        "bodies": table.held,
        "tokens": table.cases,
        "deliveries": table.cases,
        "cases": table.cases,
        "mailings": table.counters,
        "journal": table.journal,
    }

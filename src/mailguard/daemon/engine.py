"""A mail worker's inside: front, gateway, store, hops, readers. Law: a reload swaps whole configurations, never halves.

A mail keeps the configuration it began with; sessions stay open over a reload.
"""

from __future__ import annotations

import asyncio
import contextlib

from structlog.typing import FilteringBoundLogger

from mailguard.actions.handling import NEXT_HOP
from mailguard.config.load import Config
from mailguard.config.values import Address
from mailguard.daemon import assembly, spools
from mailguard.daemon.certificates import Certificates
from mailguard.gateway import Gateway
from mailguard.mail.errors import ConfigError
from mailguard.mail.pool import Pool
from mailguard.mail.reader import Reader
from mailguard.observe.metrics import Metrics
from mailguard.observe.wire import WireObserver
from mailguard.record import Recorder
from mailguard.smtp.front import Front
from mailguard.store.store import Store

CHORES = 5.0


class MailEngine:
    """One worker's parts, in the order they are made; closed in the reverse."""

    def __init__(self, metrics: Metrics, log: FilteringBoundLogger) -> None:
        self._metrics, self._log = metrics, log
        self._dropped = 0

    async def open(self, config: Config) -> None:
        """Open the store, start the readers, build the flow. Raises MailguardError."""
        table = config.settings.store
        self._config = config
        self._spool = spools.make()
        self._store = await Store.open(table.url, table.held, table.key, create_key=False, spool=self._spool)
        self._pool = Pool(config.settings.readers.limits, config.settings.readers.workers)
        self._routes = assembly.routes(config, self._metrics)
        shared = assembly.services(config, self._store, self._routes)
        runtime = await asyncio.to_thread(assembly.runtime, config, Reader(self._pool), shared)
        self._gateway = Gateway(runtime, Recorder(self._store.journal, self._metrics, self._log))

    async def serve(self, address: Address) -> None:
        """Listen. Raises OSError."""
        settings = assembly.front_settings(self._config, address, self._spool)
        observer = WireObserver(self._metrics, "listen")
        self._front = Front(settings, self._routes[NEXT_HOP].hop, self._gateway.handle, observer)
        self._address = address
        self._certificates = Certificates(self._config, self._front.reload_certificates, self._metrics, self._log)
        await self._front.start()
        self._chores = asyncio.create_task(self._do_chores())

    async def reload(self, config: Config) -> None:
        """Build all of the new configuration, then swap. Raises MailguardError, and then nothing has changed."""
        routes = assembly.routes(config, self._metrics, self._routes)
        shared = assembly.services(config, self._store, routes)
        limits = config.settings.readers.limits
        runtime = await asyncio.to_thread(assembly.runtime, config, Reader(self._pool, limits), shared)
        settings = assembly.front_settings(config, self._address, self._spool)
        try:
            self._front.adopt(settings, routes[NEXT_HOP].hop)
        except (OSError, ValueError) as error:
            what = f"does not serve ({error}); give a PEM file"
            raise ConfigError([assembly.fault(config, ("listen", "certificate"), what)]) from None
        # A pool that is no longer lent from closes its sessions itself when they have been idle.
        self._gateway.runtime, self._routes, self._config = runtime, routes, config
        self._certificates.config = config

    async def drain(self, seconds: float) -> None:
        """Finish the mails under way."""
        await self._front.drain(seconds)

    async def close(self) -> None:
        """Give up all parts."""
        self._chores.cancel()
        await asyncio.gather(self._chores, return_exceptions=True)
        for route in self._routes.values():
            await route.hop.close()
        await self._pool.stop()
        await self._store.close()
        spools.remove(self._spool)

    async def _do_chores(self) -> None:
        with contextlib.suppress(Exception):  # readers that do not start now are tried again with the first document
            await self._pool.start()
            for sentence in self._pool.missing_libraries():
                self._log.warning("missing_library", reason=sentence)
        while True:
            await self._certificates.look()
            dropped = self._store.journal.dropped
            self._metrics.journal_dropped.inc(dropped - self._dropped)
            self._dropped = dropped
            await asyncio.sleep(CHORES)

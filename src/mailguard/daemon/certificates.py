"""Certificates in use: their expiry is told, and a renewed file is taken without a restart.

Law: a file that does not serve changes nothing; sessions under way keep the certificate they began with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from mailguard.config.load import Config
from mailguard.observe.metrics import Metrics

Stamp = tuple[tuple[str, int, int], ...]


def expiry(path: Path) -> float:
    """The earliest end of the certificates in a PEM file, in Unix time. Raises OSError, ValueError."""
    from cryptography import x509

    found = x509.load_pem_x509_certificates(path.read_bytes())
    return min(item.not_valid_after_utc.timestamp() for item in found)


def stamp(*paths: Path | None) -> Stamp:
    """What changes when a file is renewed."""
    seen = []
    for path in paths:
        if path is not None and path.exists():
            state = path.stat()
            seen.append((str(path), state.st_mtime_ns, state.st_ino))
    return tuple(seen)


class Certificates:
    """Looks at the files named in `config`; `reload` is called when the listening pair changed."""

    def __init__(self, config: Config, reload: Callable[[], None], metrics: Metrics, log: FilteringBoundLogger) -> None:
        self.config = config
        self._reload, self._metrics, self._log = reload, metrics, log
        self._taken = self._now()

    def _now(self) -> Stamp:
        listen = self.config.settings.listen
        return stamp(listen.certificate, listen.private_key)

    async def look(self) -> None:
        """Tell the expiries; take a renewed pair."""
        now = await asyncio.to_thread(self._now)
        if now != self._taken:
            try:
                self._reload()
            except (OSError, ValueError) as error:
                # The pair is renewed file by file: it is tried again until both are there.
                self._log.warning("certificate_refused", fault=type(error).__name__)
            else:
                self._taken = now
                self._log.info("certificate_renewed")
        path = self.config.settings.listen.certificate
        if path is not None:
            try:
                self._metrics.certificate("listen", await asyncio.to_thread(expiry, path))
            except (OSError, ValueError):
                self._metrics.certificate("listen", 0)

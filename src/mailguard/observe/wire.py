"""The wire's events as figures. Law: verbs, codes and sizes; nothing of what was said.

It has the methods of the `Observer` that the SMTP floor asks for: one for the front, one for each hop's route.
"""

from __future__ import annotations

from typing import Literal

from mailguard.observe.metrics import Metrics


class WireObserver:
    """Counts for one route; the front's has the route `listen`."""

    def __init__(self, metrics: Metrics, route: str) -> None:
        self._metrics, self._route = metrics, route

    def session_opened(self) -> None:
        """A client connected and was let in."""
        self._metrics.sessions.inc()
        self._metrics.sessions_total.inc()

    def session_closed(self) -> None:
        """A client that was let in is gone."""
        self._metrics.sessions.dec()

    def client_refused(self, why: str) -> None:
        """The wire itself refused a client or its input."""
        self._metrics.refused(why)

    def hop_replied(self, verb: str, code: int) -> None:
        """A hop answered; 0 where it did not."""
        self._metrics.hop_reply(self._route, verb, code)

    def bytes_received(self, count: int) -> None:
        """A message came in whole."""
        self._metrics.received(count)

    def bytes_delivered(self, count: int) -> None:
        """A hop took a message."""
        self._metrics.delivered_bytes.inc(count)

    def tls(self, side: Literal["client", "hop"], established: bool) -> None:
        """A TLS handshake ended."""
        self._metrics.handshake(side, established)

"""What a client's connection asks of the front. Law: a session reaches the front through this, and nothing above it."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, Protocol

from mailguard.mail.reply import Reply
from mailguard.smtp.features import Features
from mailguard.smtp.hop import HopPool
from mailguard.smtp.observer import Observer
from mailguard.smtp.settings import FrontSettings, Limits
from mailguard.smtp.transaction import Transaction


class Doorway(Protocol):
    """The front, as its sessions see it."""

    settings: FrontSettings
    limits: Limits
    hops: HopPool
    observer: Observer
    loop: asyncio.AbstractEventLoop
    hostname: str
    greeting: bytes
    tls: ssl.SSLContext | None
    draining: bool

    def speaks_proxy(self, peer: str) -> bool:
        """True for a configured balancer."""
        ...

    def joined(self, session: Any) -> None:
        """A connection that has not been greeted yet."""
        ...

    def admit(self, session: Any) -> Reply | None:
        """Count a client in; or why not."""
        ...

    def left(self, session: Any, admitted: bool) -> None:
        """A connection is gone."""
        ...

    def run_flow(self, transaction: Transaction) -> asyncio.Task[Reply]:
        """The flow in a task of its own."""
        ...

    def size_limit(self, features: Features) -> int:
        """The lesser of the hop's limit and ours; 0 is none."""
        ...

    def ehlo(self, features: Features, secure: bool, anonymous: bool) -> Reply:
        """The reply to EHLO."""
        ...

    async def learn_features(self) -> None:
        """Ask a hop that never answered yet."""
        ...

    def fault(self, error: BaseException) -> None:
        """What escaped a flow or a session."""
        ...

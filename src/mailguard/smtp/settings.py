"""What the front and a hop can be told. Law: plain frozen values; nothing here reads a file or opens a socket."""

from __future__ import annotations

import socket
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

ClientTls = Literal["off", "optional", "required"]
HopTls = Literal["off", "if-offered", "required"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what one client, or all of them, may take; durations in seconds, sizes in bytes."""

    idle: float = 300.0  # a client's silence; a body, or a run of commands without a mail: three times that
    message: int = 50_000_000
    connections: int = 1000
    connections_per_client: int = 0  # 0: only the whole is limited
    recipients: int = 1000
    errors: int = 20  # faults of the client's own on one connection
    spool_over: int = 1_000_000


@dataclass(frozen=True, slots=True)
class FrontSettings:
    """Where the front listens and how it greets. `proxy_from` are networks whose connections begin with PROXY."""

    address: str  # "host:port"; port 0 lets the system choose
    hostname: str = ""  # "": asked of the system once, without DNS
    spool: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))
    limits: Limits = Limits()
    tls: ClientTls = "off"
    certificate: Path | None = None
    private_key: Path | None = None
    auth: bool = True  # pass AUTH through to the next hop
    auth_without_tls: bool = False
    proxy_from: tuple[str, ...] = ()
    backlog: int = 1024

    @property
    def name(self) -> str:
        """The name in the greeting and in Received. `socket.getfqdn` would ask DNS and block."""
        return self.hostname or socket.gethostname()


@dataclass(frozen=True, slots=True)
class HopSettings:
    """One hop: where it is, how it is trusted, and who mailguard is there. Times in seconds."""

    address: str  # "host:port"
    tls: HopTls = "off"
    ca_file: Path | None = None  # None: the system's authorities
    server_name: str = ""  # "": the host of `address`
    user: str = ""  # for mailguard's own sessions, never for a client's
    password: str = field(default="", repr=False)
    hello: str = ""
    timeout: float = 60.0  # each reply
    connect_timeout: float = 10.0  # TCP, greeting, EHLO and TLS together are bound by `timeout`
    xforward: Literal["off", "if-offered"] = "if-offered"
    max_sessions: int = 500
    max_idle: float = 20.0
    max_age: float = 290.0  # Postfix closes no session younger than 300 s for its age

    @property
    def name(self) -> str:
        """The name mailguard gives in EHLO."""
        return self.hello or socket.gethostname()


def split_address(address: str) -> tuple[str, int]:
    """`"host:port"` or `"[v6]:port"` as its two halves. Raises ValueError."""
    host, colon, port = address.rpartition(":")
    if not colon:
        raise ValueError("an address is host:port")
    return host.strip("[]"), int(port)

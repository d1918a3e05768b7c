"""The SMTP envelope as the client gave it. Law: paths and parameters are kept as received (RFC 5321, 3.3)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipient:
    """One accepted RCPT: `address` without angle brackets, `options` its ESMTP parameters as received."""

    address: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """One transaction. `sender` is "" for the null reverse-path; `options` are MAIL's parameters."""

    sender: str
    recipients: tuple[Recipient, ...]
    options: tuple[str, ...] = ()
    peer: str = ""
    helo: str = ""
    user: str | None = None
    tls: bool = False

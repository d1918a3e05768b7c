"""Tells systemd how we are (sd_notify(3)). Law: without NOTIFY_SOCKET it does nothing and never fails the daemon."""

from __future__ import annotations

import os
import socket


def notify(state: str) -> bool:
    """Send `READY=1`, `RELOADING=1`, `STOPPING=1`, `WATCHDOG=1`... True where it was taken."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.connect("\0" + path[1:] if path.startswith("@") else path)
            sock.sendall(state.encode())
    except OSError:
        return False
    return True


def watchdog() -> float | None:
    """Seconds between two `WATCHDOG=1` (half of what the unit allows), None where it asks for none."""
    text = os.environ.get("WATCHDOG_USEC", "")
    return int(text) / 2_000_000 if text.isdigit() and int(text) else None

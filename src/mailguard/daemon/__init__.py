"""Processes: supervisor, mail workers, courier. Law: a worker that dies loses no mail answered 250."""

from __future__ import annotations

from pathlib import Path


def run(config_path: Path) -> int:
    """Run the daemon in the foreground until SIGTERM; returns the exit status (`mailguard run`)."""
    from mailguard.daemon.supervisor import run as supervise

    return supervise(config_path)

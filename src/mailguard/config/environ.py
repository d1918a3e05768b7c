"""The environment's overlay. Law: addresses and secrets alone; a policy never comes from the environment.

`MAILGUARD_NEXT_HOP__ADDRESS=relay:25` sets `[next_hop] address`; two underscores part table and key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mailguard.config.faults import Fault, nearest

_FORM = re.compile(r"MAILGUARD_([A-Z0-9_]+?)__([A-Z0-9_]+)")

ALLOWED = frozenset(
    {
        "listen.address",
        "listen.certificate",
        "listen.private_key",
        "next_hop.address",
        "next_hop.user",
        "next_hop.password_file",
        "routes.*.address",
        "routes.*.user",
        "routes.*.password_file",
        "store.url",
        "store.held",
        "store.key",
        "web.address",
        "web.url",
        "dkim.key",
    }
)


def overlay(data: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """`data` with the variables laid over it, and variables that name no such setting."""
    merged: dict[str, Any] = dict(data)
    faults = []
    for name, value in sorted(environ.items()):
        if not (match := _FORM.fullmatch(name)):
            continue
        path = f"{match[1]}__{match[2]}".lower().split("__")
        pattern = ".".join(["routes", "*", *path[2:]] if path[0] == "routes" and len(path) == 3 else path)
        if pattern not in ALLOWED:
            known = {f"MAILGUARD_{item.replace('*', 'NAME').replace('.', '__').upper()}" for item in ALLOWED}
            faults.append(Fault(f"environment {name}", 0, f"sets nothing{nearest(name, known)}"))
            continue
        _put(merged, path, value)
    return merged, faults


def sources(environ: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Which variable gave which key, for what is wrong with its value."""
    found = {}
    for name in environ:
        if match := _FORM.fullmatch(name):
            found[tuple(f"{match[1]}__{match[2]}".lower().split("__"))] = f"environment {name}"
    return found


def _put(table: dict[str, Any], path: list[str], value: str) -> None:
    *parents, last = path
    for name in parents:
        below = table.get(name)
        table[name] = dict(below) if isinstance(below, dict) else {}
        table = table[name]
    table[last] = value

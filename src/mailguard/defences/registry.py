"""Finds the defences. Law: a defence's name is its file's name."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any

from mailguard import defences
from mailguard.defences.defence import Defence

NOT_DEFENCES = {"defence", "registry"}


@cache
def defence_classes() -> dict[str, type[Defence]]:
    """Every defence class by name."""
    found: dict[str, type[Defence]] = {}
    for module in pkgutil.iter_modules(defences.__path__):
        if module.name in NOT_DEFENCES or module.name.startswith("_"):
            continue
        loaded: Any = importlib.import_module(f"mailguard.defences.{module.name}")
        named = [
            item
            for item in vars(loaded).values()
            if isinstance(item, type) and issubclass(item, Defence) and getattr(item, "name", None) == module.name
        ]
        if len(named) != 1:
            raise TypeError(f"defences/{module.name}.py must hold one Defence named {module.name!r}")
        found[module.name] = named[0]
    return found

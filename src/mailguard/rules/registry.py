"""Finds the rules. Law: a rule's name is its file's name, and two rules never share one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any

from mailguard import rules
from mailguard.rules.rule import Rule

NOT_RULES = {"rule", "registry"}


@cache
def rule_classes() -> dict[str, type[Rule]]:
    """Every rule class by name, in the order of rank, then name."""
    found: list[type[Rule]] = []
    for module in pkgutil.iter_modules(rules.__path__):
        if module.name in NOT_RULES or module.name.startswith("_") or module.ispkg:
            continue
        loaded: Any = importlib.import_module(f"mailguard.rules.{module.name}")
        classes = [
            item
            for item in vars(loaded).values()
            if isinstance(item, type) and issubclass(item, Rule) and item.__module__ == loaded.__name__
        ]
        named = [item for item in classes if getattr(item, "name", None) == module.name]
        if len(named) != 1:
            raise TypeError(f"rules/{module.name}.py must hold one Rule named {module.name!r}")
        found += named
    return {item.name: item for item in sorted(found, key=lambda item: (item.rank, item.name))}

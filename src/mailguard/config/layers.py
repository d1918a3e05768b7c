"""Presets laid over each other: base, then a council's, then the operator's file. Law: tables merge, lists replace.

`[[clause]]` brings a clause, `[clauses.ID]` changes one that a lower layer brought.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from mailguard.config.document import Document
from mailguard.config.faults import explain, nearest
from mailguard.config.places import Loc
from mailguard.policy.clause import Clause
from mailguard.policy.condition import Strict


class Header(Strict):
    """`[policy]` of a preset: what it is, and who stands for it (MON-8)."""

    name: str
    version: str
    title: str = ""
    approved_by: str = ""
    effective_from: date | None = None
    review_due: date | None = None


class Preset(Strict):
    """The form of a preset's file."""

    policy: Header
    clause: tuple[dict[str, Any], ...] = ()
    clauses: dict[str, dict[str, Any]] = Field(default={})
    rules: dict[str, dict[str, Any]] = Field(default={})
    defences: dict[str, dict[str, Any]] = Field(default={})


@dataclass
class Merged:
    """A table put together from layers; `origins` say where it stands in each, the topmost last."""

    data: dict[str, Any]
    origins: list[tuple[Document, Loc]] = field(default_factory=list)

    def over(self, data: Mapping[str, Any], document: Document, loc: Loc) -> None:
        """Lay another layer's table over this one."""
        self.data = merge(self.data, data)
        self.origins.append((document, loc))

    def place(self, inner: Loc) -> tuple[Document, Loc]:
        """The topmost layer that writes `inner`; the first layer for a key that none writes."""
        for document, loc in reversed(self.origins):
            if (*loc, *inner) in document.places:
                return document, (*loc, *inner)
        return (self.place(inner[:-1])[0], (*self.origins[0][1], *inner)) if inner else self.origins[0]

    def fault(self, inner: Loc, what: str) -> None:
        """Record an error in the file that wrote the key."""
        document, loc = self.place(inner)
        document.fault(loc, what)


@dataclass
class Layers:
    """All layers' clauses by id, and tables of rules and defences by name."""

    clauses: dict[str, Merged] = field(default_factory=dict)
    rules: dict[str, Merged] = field(default_factory=dict)
    defences: dict[str, Merged] = field(default_factory=dict)

    def add(self, document: Document) -> None:
        """Lay one file over those before it; its tables are in their right form already."""
        data = document.data
        for number, table in enumerate(_tables(data.get("clause", []))):
            self._bring(document, ("clause", number), table)
        for name, table in _named(data.get("clauses", {})):
            self._change(document, ("clauses", name), name, table)
        for key, known in (("rules", self.rules), ("defences", self.defences)):
            for name, table in _named(data.get(key, {})):
                known.setdefault(name, Merged({})).over(table, document, (key, name))

    def _bring(self, document: Document, loc: Loc, table: Mapping[str, Any]) -> None:
        identity = str(table.get("id", f"{document.path}#{loc[-1]}"))
        if identity in self.clauses:
            document.fault((*loc, "id"), f'"{identity}" is a clause already; change it under [clauses.{identity}]')
            return
        merged = self.clauses[identity] = Merged({})
        merged.over(table, document, loc)

    def _change(self, document: Document, loc: Loc, name: str, table: Mapping[str, Any]) -> None:
        if name not in self.clauses:
            document.fault(loc, f"there is no clause of this id{nearest(name, self.clauses)}")
        elif "id" in table:
            document.fault((*loc, "id"), "a clause keeps its id; leave this key out")
        else:
            self.clauses[name].over(table, document, loc)


def merge(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """`upper` over `lower`: tables key by key, everything else replaced."""
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def build_clauses(layers: Layers) -> tuple[Clause, ...]:
    """Every clause that is sound; faults are recorded where they stand."""
    built = (_validated(merged, Clause) for merged in layers.clauses.values())
    return tuple(clause for clause in built if clause is not None)


def build_options(tables: Mapping[str, Merged], types: Mapping[str, type[Strict]], what: str) -> dict[str, Strict]:
    """The options of every rule (or defence): its table, or its defaults."""
    for name in tables.keys() - types.keys():
        tables[name].fault((), f"there is no {what} of this name{nearest(name, types)}")
    built = {name: _validated(tables[name], kind) if name in tables else kind() for name, kind in types.items()}
    return {name: options for name, options in built.items() if options is not None}


def _validated(merged: Merged, model: type[Any]) -> Any:
    try:
        return model.model_validate(merged.data)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            merged.fault(*explain(item, model, merged.data))
        return None


def _tables(value: object) -> Iterable[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, Sequence) else []


def _named(value: object) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return [(k, v) for k, v in value.items() if isinstance(v, dict)] if isinstance(value, dict) else []


def read_layer(path: Path) -> Document:
    """A preset's file with its form checked; raises ConfigError where it is no TOML."""
    document = Document.read(path)
    document.validate(Preset, document.data)
    return document

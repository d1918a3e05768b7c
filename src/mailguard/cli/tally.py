"""Adds up what was judged. Law: counts, ids and masked samples; a tally can be added to another and kept as JSON."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

SAMPLES = 3


@dataclass(frozen=True)
class ClauseHit:
    """One clause that was met: was it effective, which defences saved, a masked sample."""

    id: str
    effective: bool
    defences: tuple[str, ...] = ()
    sample: str = ""


@dataclass(frozen=True)
class Judged:
    """One message as judged: where it lies, the action, the clauses, and, for the fairness table, whom it concerns."""

    place: str
    action: str
    stopped: bool
    hits: tuple[ClauseHit, ...] = ()
    parties: tuple[str, ...] = ()
    group: str = ""
    seconds: float = 0.0
    other: tuple[ClauseHit, ...] | None = None

    @property
    def effective(self) -> frozenset[str]:
        """Clauses with effect."""
        return frozenset(hit.id for hit in self.hits if hit.effective)


@dataclass
class Tally:
    """The sums. `add` takes one judged message, `unread` one that could not be read."""

    messages: int = 0
    unreadable_messages: int = 0
    seconds: float = 0.0
    actions: Counter[str] = field(default_factory=Counter)
    clauses: dict[str, dict[str, Any]] = field(default_factory=dict)
    gained: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    lost: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_party: dict[str, list[int]] = field(default_factory=dict)
    by_group: dict[str, list[int]] = field(default_factory=dict)

    def unread(self) -> None:
        """A message that could not be read."""
        self.unreadable_messages += 1

    def add(self, item: Judged) -> None:
        """Count one message."""
        self.messages += 1
        self.seconds += item.seconds
        self.actions[item.action] += 1
        for hit in item.hits:
            self._clause(hit)
        for table, keys in ((self.by_party, item.parties), (self.by_group, (item.group,) if item.group else ())):
            for key in keys:
                row = table.setdefault(key, [0, 0])
                row[0] += 1
                row[1] += item.stopped
        if item.other is not None:
            after = frozenset(hit.id for hit in item.other if hit.effective)
            self._differ(self.gained, after - item.effective, item.place)
            self._differ(self.lost, item.effective - after, item.place)

    def _clause(self, hit: ClauseHit) -> None:
        row = self.clauses.setdefault(
            hit.id, {"hits": 0, "effective": 0, "saved": 0, "defences": Counter(), "samples": []}
        )
        row["hits"] += 1
        row["effective"] += hit.effective
        row["saved"] += bool(hit.defences)
        row["defences"].update(hit.defences)
        if hit.effective and hit.sample and len(row["samples"]) < SAMPLES:
            row["samples"].append(hit.sample)

    @staticmethod
    def _differ(table: dict[str, list[str]], clauses: Iterable[str], place: str) -> None:
        for clause in clauses:
            table.setdefault(clause, []).append(place)

    def as_json(self) -> dict[str, Any]:
        """Plain data. `gained` is what the other configuration stops and this one does not, `lost` the reverse."""
        return {
            "messages": self.messages,
            "unreadable_messages": self.unreadable_messages,
            "seconds": round(self.seconds, 3),
            "actions": dict(self.actions),
            "clauses": {name: {**row, "defences": dict(row["defences"])} for name, row in self.clauses.items()},
            "gained": dict(self.gained),
            "lost": dict(self.lost),
            "by_party": _rates(self.by_party),
            "by_group": _rates(self.by_group),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Tally:
        """The reverse of `as_json`. Raises KeyError where something lacks."""
        made = cls(data["messages"], data["unreadable_messages"], data["seconds"], Counter(data["actions"]))
        made.clauses = {name: {**row, "defences": Counter(row["defences"])} for name, row in data["clauses"].items()}
        made.gained, made.lost = dict(data["gained"]), dict(data["lost"])
        for name in ("by_party", "by_group"):
            setattr(made, name, {key: [row["messages"], row["stopped"]] for key, row in data[name].items()})
        return made


def _rates(table: dict[str, list[int]]) -> dict[str, dict[str, float]]:
    return {
        key: {"messages": total, "stopped": stopped, "rate": round(stopped / total, 4)}
        for key, (total, stopped) in table.items()
    }

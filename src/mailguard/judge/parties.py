"""The parties' data file as values. Law: every party is treated alike; no code names one.

Source: `config/words/parties.toml`, kept by people; its keys are explained at its head.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Person:
    """Someone identified with a party, from and to a year or year-month ("" is open)."""

    name: str
    role: str
    start: str = ""
    end: str = ""
    also: tuple[str, ...] = ()

    def serves(self, day: date) -> bool:
        """True where the person held the role on that day; a bare year counts whole."""
        stamp = f"{day:%Y-%m}"
        begun = not self.start or self.start <= stamp[: len(self.start)]
        return begun and (not self.end or stamp[: len(self.end)] <= self.end)


@dataclass(frozen=True)
class Party:
    """One party: what it is called, where it is on the web, and who speaks for it."""

    id: str
    nation: str
    names: tuple[str, ...]
    words: tuple[str, ...] = ()
    ends_names: tuple[str, ...] = ()
    nicknames: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()

    @property
    def shown(self) -> str:
        """The name a person would write: the first full one."""
        return self.names[0]


def parties_of(data: Mapping[str, object]) -> tuple[Party, ...]:
    """The parties of a parsed `parties.toml`. Raises KeyError or TypeError where a table lacks `id` or `names`."""
    return tuple(_party(table) for table in _tables(data.get("party", ())))


def _tables(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from value


def _party(table: Mapping[str, Any]) -> Party:
    people = tuple(
        Person(item["name"], item["role"], item.get("from", ""), item.get("to", ""), tuple(item.get("also", ())))
        for item in table.get("people", ())
    )
    lists = {key: tuple(table.get(key, ())) for key in ("words", "ends_names", "nicknames", "domains", "hashtags")}
    return Party(table["id"], table.get("nation", ""), tuple(table["names"]), people=people, **lists)

"""Makes passages to train on from our own texts. Law: the same seed gives the same passages.

`config/training/*.txt` holds a sentence a line, `config/training/passages/*.txt` a whole passage a line; a file whose
name begins with `political` is of that kind, all others are not. `{party}`, `{other}`, `{leader}`, `{person}`,
`{place}` and `{n}` are filled in.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mailguard.judge.parties import Party

PEOPLE = ("Ann Bell", "Tom Reed", "Dilys Rees", "Imran Shah", "Jo Marsh", "Peter Hill", "Sian Webb", "Ola Grant")
PLACES = ("Mill ward", "Brenton", "Castle Hill", "the Dale", "Northgate", "Anytown", "Pentre", "Kirkford")


@dataclass(frozen=True)
class Specimen:
    """One passage with its label and the file its sentences come from."""

    text: str
    political: bool
    source: str


def specimens(
    banks: Mapping[str, Sequence[str]], parties: Sequence[Party], number: int, seed: int = 7
) -> tuple[Specimen, ...]:
    """`number` passages of one to six sentences from each bank."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    known = [party for party in parties if party.people]
    made = []
    for source, lines in sorted(banks.items()):
        for _ in range(number):
            chosen = chance.sample(list(lines), min(len(lines), chance.choice((1, 2, 3, 4, 5, 6))))
            text = _fill(" ".join(chosen), known, chance)
            made.append(Specimen(text, source.startswith("political"), source))
    return tuple(made)


def whole(banks: Mapping[str, Sequence[str]], parties: Sequence[Party], seed: int = 7) -> tuple[Specimen, ...]:
    """Every passage of each bank once, filled in."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    known = [party for party in parties if party.people]
    return tuple(
        Specimen(_fill(line, known, chance), source.startswith("political"), source)
        for source, lines in sorted(banks.items())
        for line in lines
    )


def _fill(text: str, parties: Sequence[Party], chance: random.Random) -> str:
    one, other = chance.sample(list(parties), 2)
    slots = {
        "{party}": one.shown,
        "{other}": chance.choice((other.shown, f"the {other.shown}")),
        "{leader}": chance.choice(other.people).name,
        "{person}": chance.choice(PEOPLE),
        "{place}": chance.choice(PLACES),
        "{n}": str(chance.randrange(3, 900)),
    }
    for slot, value in slots.items():
        text = text.replace(slot, value)
    return text

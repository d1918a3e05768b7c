"""Sees attack or praise of a party, or of persons identified with one.

Law: it reads `partyname` and `partyleader` alone, so that every party is attacked and praised alike; a party's
name is no evidence by itself (POL-1). Criticism of the council is not looked for (CNT-4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import ClassVar

import re2

from mailguard.judge.parties import Party
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.fold import fold
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import NEVER, compiled
from mailguard.matching.scan import Scan
from mailguard.rules._political import Political

NEAR = 60
_WHO = re2.compile(r"\b(?:partyname|partyleader)\b")
_GENERAL = r"\b(?:government|administration|ruling|party|left|right|elites?|mob|agenda|opponents?|politicians?)\b"


class PartyAttack(Political):
    """The gate is every name in the parties' file, and a few general words."""

    name = "party_attack"
    source = "Manchester s3.1 (Local Government Act 1986 s2; POL-1, POL-4)"
    gate = ""
    lists: ClassVar[Mapping[str, str]] = {"attack": "attack"}
    says: ClassVar[Mapping[str, str]] = {"attack": "Attack or praise of a party or of persons identified with one."}
    hits: ClassVar[tuple[str, ...]] = (
        "The Tories have failed this town for a decade.",
        "Reform have failed this town for a decade.",
        "Only a Labour government will put this right.",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Cllr Hill (Conservative) and Cllr Reed (Labour) sent apologies.",
        "The council has failed to collect my bin for three weeks.",
    )

    @property
    def patterns(self) -> Mapping[str, str]:
        """Any party or person of the data file, or a general word of party strife."""
        return {"gate": f"{_GENERAL}|{self.named}"}

    @cached_property
    def named(self) -> str:
        """One expression of all names, folded; common words among them are sorted out by the neutral form."""
        people = [name for party in self.parties for person in party.people for name in (person.name, *person.also)]
        return one_of((*names_of(self.parties), *people))

    @cached_property
    def _loaded(self) -> re2._Regexp:
        return compiled(self.tools.words.get("attack_words", ()))

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """The phrases, and any word of attack or praise within some words of a party or its people."""
        yield from super().check(mail, scan)
        for passage in self.passages(scan):
            whom = [match.span() for match in _WHO.finditer(passage.neutral)]
            if not whom:
                continue
            things = {
                match.group()
                for match in self._loaded.finditer(passage.neutral)
                if any(_joined(passage.neutral, match.span(), span) for span in whom)
            }
            if things:
                why = "Words of attack or praise beside a party or persons identified with one."
                yield self.finding(passage.text.where, Confidence.LOW, why, things=things, kind="loaded")


def names_of(parties: Iterable[Party]) -> list[str]:
    """All that parties are called."""
    return [form for party in parties for form in (*party.names, *party.words, *party.nicknames)]


def one_of(forms: Iterable[str]) -> str:
    """One expression of folded names."""
    folded = sorted({fold(form) for form in forms})
    return rf"\b(?:{'|'.join(re2.escape(form) for form in folded)})\b" if folded else NEVER


def _joined(text: str, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """True where the two stand near each other with no end of a sentence between."""
    first, second = sorted((one, other))
    gap = text[first[1] : second[0]]
    return len(gap) <= NEAR and not any(mark in gap for mark in (". ", "! ", "? ", "\n\n"))

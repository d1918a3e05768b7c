"""Sees attack or praise of a party, or of persons identified with one.

Law: it reads `partyname` and `partyleader` alone, so that every party is attacked and praised alike; a party's
name is no evidence by itself (POL-1). Criticism of the council is not looked for (CNT-4).
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import compiled
from mailguard.matching.scan import Scan
from mailguard.rules._political import Political

NEAR = 60
_WHO = re2.compile(r"\b(?:partyname|partyleader)\b")


class PartyAttack(Political):
    """Phrases, and loaded words near a name."""

    name = "party_attack"
    source = "Manchester s3.1 (Local Government Act 1986 s2; POL-1, POL-4)"
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
                if _joined(passage.neutral, match.span(), whom)
            }
            if things:
                why = "Words of attack or praise beside a party or persons identified with one."
                yield self.finding(passage.text.where, Confidence.LOW, why, things=things, kind="loaded")


def _joined(text: str, one: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    """True where the nearest of the others (in order) before or after stands near, no end of a sentence between."""
    at = bisect(others, one)
    before, after = others[at - 1 : at] if at else [], others[at : at + 1]
    gaps = [text[span[1] : one[0]] for span in before] + [text[one[1] : span[0]] for span in after]
    return any(_close(gap) for gap in gaps)


def _close(gap: str) -> bool:
    return len(gap) <= NEAR and not any(mark in gap for mark in (". ", "! ", "? ", "\n\n"))

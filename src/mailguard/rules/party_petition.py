"""Sees a petition that a party runs. Law: a petition of nobody's party is none of ours here (VOL-8 has it)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.rules._political import Political
from mailguard.rules.rule import SELF

_PETITION = re2.compile(r"\b(?:petitions?|deiseb|add your name|sign (?:up|here|now))\b")
_PARTY = re2.compile(r"partyname|partyleader|\b(?:campaign team|our campaign|the party)\b")


class PartyPetition(Political):
    """A petition, and within some lines a party or a link to one."""

    name = "party_petition"
    source = "York standards decision 2025 (LAW-14); policy POL-1"
    wakes = (SELF,)
    rank = 1
    gate = r"\b(?:petition|deiseb|add your name|sign (?:up|here|now))"
    hits: ClassVar[tuple[str, ...]] = ("Sign the Liberal Democrats' petition to save the ward at the hospital.",)
    misses: ClassVar[tuple[str, ...]] = ("Residents handed in a petition on the crossing.",)

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """LOW: the judge weighs it."""
        linked = bool(scan.found("party_link"))
        for passage in self.passages(scan):
            for match in _PETITION.finditer(passage.neutral):
                around = passage.neutral[max(0, match.start() - 160) : match.end() + 160]
                if linked or _PARTY.search(around):
                    why = "A petition run by a party, or on a party's page."
                    yield self.finding(passage.text.where, Confidence.LOW, why, count=1, kind="petition")
                    break

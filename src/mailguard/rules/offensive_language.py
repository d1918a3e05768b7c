"""Sees abuse and obscenity. Law: quoted or reported abuse, casework about it and place names are none (CNT-1).

It warns or lets hold; no preset of ours blocks by it. Criticism is not abuse (CNT-4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import compiled, phrases
from mailguard.matching.scan import OWN, Scan, Span
from mailguard.rules.rule import SELF, Rule

_AROUND = 160
_PARAGRAPH = 600
_OPENS = re2.compile(r"(?:^|[\s(\[:])'+\w[^\n]*$")
_CLOSES = re2.compile(r"^[^\n]*?'(?:[\s.,;:!?)\]]|$)")


class OffensiveLanguage(Rule):
    """MEDIUM for abuse, HIGH for strong abuse or several; LOW where the words around it report abuse."""

    name = "offensive_language"
    family = "offensive"
    source = "Lancashire Appendix A; Manchester s2; Southampton C6 (CNT-1)"
    wakes = (SELF,)
    hits: ClassVar[tuple[str, ...]] = ("You are a lying idiot, and so is your clerk.", "Tell the bastards to get lost.")
    misses: ClassVar[tuple[str, ...]] = (
        "The resident reports that a neighbour called her a stupid cow and painted slurs on her door.",
        "The road from Scunthorpe to Penistone is closed. Mr Dickinson of Cockermouth will attend.",
        "The council's policy is wrong and the cabinet should think again.",
    )

    @property
    def patterns(self) -> Mapping[str, str]:
        """The list in two strengths."""
        lines = self.tools.words.get("offensive", ())
        return {
            "abuse": phrases(line for line in lines if not line.startswith("!")),
            "strong": phrases(line.removeprefix("!").strip() for line in lines if line.startswith("!")),
        }

    @cached_property
    def _safe(self) -> re2._Regexp:
        return compiled(self.tools.words.get("offensive_safe", ()))

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """One finding a text; what is quoted or reported is counted apart, at LOW."""
        for pattern in ("strong", "abuse"):
            aimed: dict[str, list[str]] = {}
            told: dict[str, list[str]] = {}
            for span in self.spans(scan, pattern, OWN):
                places = told if self._reported(span) else aimed
                places.setdefault(span.text.where, []).append(span.matched)
            for where, things in aimed.items():
                level = Confidence.HIGH if pattern == "strong" or len(set(things)) > 2 else Confidence.MEDIUM
                why = "Strong abuse or a slur or threat." if pattern == "strong" else "Abusive or obscene words."
                yield self.finding(where, level, why, things=things, kind=pattern, keep=0)
            for where, things in told.items():
                why = "Abusive words that seem to be quoted or reported."
                yield self.finding(where, Confidence.LOW, why, things=things, kind="reported", keep=0)

    def _reported(self, span: Span) -> bool:
        """True where quotation marks enclose the match, or the words around it report or quote."""
        return _enclosed(span) or bool(self._safe.search(span.near(_AROUND)))


def _enclosed(span: Span) -> bool:
    """True between double marks in one paragraph, or single ones in one line; an apostrophe opens nothing."""
    folded = span.text.folded
    before = folded[max(0, span.start - _PARAGRAPH) : span.start].rpartition("\n\n")[2]
    after = folded[span.end : span.end + _PARAGRAPH].partition("\n\n")[0]
    if before.count('"') % 2 and '"' in after:
        return True
    line = before.rpartition("\n")[2]
    if "'" not in line and not folded.startswith("'", span.start):
        return False
    opened = _OPENS.search(line + folded[span.start : span.start + 1])
    return (
        opened is not None and not _CLOSES.search(opened.group().lstrip("\t :([")[1:]) and bool(_CLOSES.search(after))
    )

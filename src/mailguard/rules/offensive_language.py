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

LEVELS = {
    "strong": Confidence.HIGH,
    "aimed": Confidence.MEDIUM,
    "abuse": Confidence.MEDIUM,
    "reported": Confidence.LOW,
}
SAYS = {
    "strong": "Strong abuse or a slur or threat.",
    "aimed": "Abusive words to whoever reads them.",
    "abuse": "Abusive or obscene words.",
    "reported": "Abusive words that seem to be quoted or reported.",
}
_AROUND, _NEAR = 160, 80
_PARAGRAPH = 600
# Nobody reports so much abuse: beyond this the words around are not asked, and it is taken for abuse.
_MOST = 1000
_OPENS = re2.compile(r"(?:^|[\s(\[:])'+\w[^\n]*$")
# Said to the reader's face; it is another's only where somebody is said to have said it.
_AIMED = re2.compile(
    r"^(?:you\b|shut |go to hell|drop dead|get lost|get a life|(?:piss|sod|bugger) off)"
    r"|\byou(?:'re| are| were)?\W+(?:\w+\W+){0,3}$"
)
_SAID = re2.compile(
    r"\b(?:call(?:s|ed|ing)|shout\w*|yell\w*|scream\w*|said|says|saying|wrote|writes|told|text(?:ed|s)?|post(?:ed|s)?|reads?"
    r"|sprayed|painted|words?|message|voicemail|letter|e-?mail|comment|note|graffiti)\b[^.!?]*$"
)
# What the writer or the reader said tells of no other's abuse: "thank you for your e-mail, you idiot", "as I said".
_OURS = re2.compile(
    r"\b(?:i |we )?(?:read |saw |got |have |had )?(?:your|my) (?:[\w-]+ ){0,2}"
    r"(?:words?|message|voicemail|letter|e-?mail|comment|note|text|post|reply)s?\b"
    r"|\b(?:i|we|i've|we've|i'd|you)(?: (?:have|had|already|just|always|once|can only|only))* "
    r"(?:said|say|told|wrote|write|texted|posted)\b"
)
_CLOSES = re2.compile(r"^[^\n]*?'(?:[\s.,;:!?)\]]|$)")


class OffensiveLanguage(Rule):
    """MEDIUM for abuse, HIGH for strong abuse or several; LOW where the words around it report abuse.

    Kinds: `strong`, `aimed` (abuse of the reader), `abuse` (of others, or coarse words), `reported`.
    """

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
        """One finding a text and kind; what is quoted or reported is counted apart, at LOW."""
        said: dict[tuple[str, str], list[str]] = {}
        for pattern in ("strong", "abuse"):
            for number, span in enumerate(self.spans(scan, pattern, OWN)):
                kind = self._kind(pattern, span) if number < _MOST else pattern
                said.setdefault((span.text.where, kind), []).append(span.matched)
        for (where, kind), things in said.items():
            level = LEVELS[kind]
            if kind in {"abuse", "aimed"} and len(set(things)) > 2:
                level = Confidence.HIGH
            yield self.finding(where, level, SAYS[kind], things=things, kind=kind, keep=0)

    def _kind(self, pattern: str, span: Span) -> str:
        """Reported where quotation marks enclose the match, or the words around it report or quote."""
        before = span.text.folded[max(0, span.start - _NEAR) : span.start]
        aimed = bool(_AIMED.search(span.matched) or _AIMED.search(before))
        if _enclosed(span) or (
            _SAID.search(_OURS.sub(" ", before)) if aimed else self._safe.search(span.near(_AROUND))
        ):
            return "reported"
        return "aimed" if aimed and pattern == "abuse" else pattern


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

"""Sees protective markings and exempt papers. Law: a marking is a heading or a field, not a word in a sentence.

Source: Local Government Act 1972, Schedule 12A (exempt information); Government Security Classifications (OFFICIAL-
SENSITIVE); Lancashire protocol s8b and Southampton guidance C10 (SEC-8). Public "Part I" reports are none, nor are the
resolution or the agenda's list by which press and public are excluded, nor words that decline to share a paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import re2

from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import EVERYWHERE, Scan, Span
from mailguard.rules.rule import SELF, Rule

LAYERS = EVERYWHERE - {Layer.SIGNATURE, Layer.DISCLAIMER}
LEVELS = {
    "exempt": Confidence.HIGH,
    "sensitive": Confidence.HIGH,
    "part_two": Confidence.HIGH,
    "heading": Confidence.MEDIUM,
    "public": Confidence.LOW,
}
SAYS = {
    "exempt": "It says that it holds exempt information under Schedule 12A.",
    "sensitive": "It is marked OFFICIAL-SENSITIVE or higher.",
    "part_two": "It is marked as a Part II (private) paper.",
    "heading": "It is headed confidential.",
    "public": "It speaks of exempt papers, as public minutes, agendas and letters do.",
}
BEFORE, AROUND = 320, 200
# The resolution, or the heading of an agenda: what follows is named, not shown.
EXCLUDES = re2.compile(
    r"\bexclu(?:ded|de|sion)\b.{0,60}\b(?:press|public)\b|\b(?:press|public)\b.{0,60}\bexclu(?:ded|de|sion)\b"
)
# Who writes declines; that nobody may share it is what a marked paper says itself.
DECLINES = re2.compile(
    r"\b(?:(?:i|we|i'm|we're|he|she|officers?|the council)(?: [\w']+){0,3} "
    r"(?:cannot|can't|can not|could not|unable to|not able to|not allowed to|not at liberty to)"
    r"|(?:i|we) m(?:ust|ay) not)"
    r" (?:\w+ ){0,3}(?:share|send|give|show|release|disclose|forward|pass|discuss|copy|let you)\b"
)
ITSELF = re2.compile(
    r"\b(?:this|the attached|the enclosed) (?:report|appendix|annex|paper|document|briefing|item)\b"
    r"|\bnot for publication\b"
)


class ProtectiveMarking(Rule):
    """Kinds: `exempt`, `sensitive`, `part_two`, `heading`; and `public` (LOW), which only speaks of such papers."""

    name = "protective_marking"
    family = "security"
    source = "SEC-8; LGA 1972 Sch 12A; Government Security Classifications"
    wakes = (SELF,)
    hits: ClassVar[tuple[str, ...]] = (
        "OFFICIAL-SENSITIVE\nThe valuation is attached.",
        "Subject: PRIVATE AND CONFIDENTIAL: tender prices\nAs discussed.",
        "Exempt information under paragraph 3 of Part 1 of Schedule 12A to the Local Government Act 1972",
        "PART II - NOT FOR PUBLICATION\nSale of land",
        "Subject: Confidential report\n\nCONFIDENTIAL\n\nLand at Mill Lane",
        "COMMERCIAL IN CONFIDENCE\nTender evaluation",
        "Recipients must not disclose the contents.\nExempt information under paragraph 3 of Schedule 12A",
        "The public are likely to be excluded as this report contains exempt\ninformation as defined in paragraph 3 of "
        "Part 1 of\nSchedule 12A",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Part I report, open to the public",
        "This email and any attachments are confidential and intended for the addressee.",
        "A confidential helpline is open to all residents.",
        "Your parking permit is exempt from the charge.",
        "Marked OFFICIAL, the guidance is public",
        "RESOLVED that the press and public be excluded for the following item, which involves the disclosure of "
        "exempt information as defined in paragraph 3 of Part 1 of Schedule 12A.",
        "I am not allowed to share the valuation, which is exempt information under Schedule 12A.",
        "I cannot send you the valuation, which is exempt information under Schedule 12A.",
    )

    @property
    def patterns(self) -> Mapping[str, str]:
        """Markings at the start of a line, and the words of the Act."""
        return {
            "exempt": r"\b(?:exempt\s(?:information|item|report|appendix|papers?)\s"
            r"(?:under|by\svirtue|within|as\sdefined|pursuant)"
            r"|paragraphs?\s[1-7](?:\s?(?:and|&|,|to)\s?[1-7])*\sof\s(?:part\s(?:1|i|one)\sof\s)?schedule\s12a)",
            "sensitive": r"\bofficial ?[-:\x{2013} ] ?sensitive\b|(?m:^\W{0,4}(?:top secret|secret)\W*$)",
            "part_two": r"(?m:^\W{0,4}part (?:ii|2|two|b)\b\W{1,4}"
            r"(?:\(?(?:private|exempt|confidential|not for publication|closed)\b))"
            r"|\b(?:private|exempt|confidential) ?\(?part (?:ii|2|two)\b",
            "heading": r"(?m:^\W{0,4}(?:strictly |private (?:and|&) |highly |members only[ :-]*)?confidential"
            r"(?: report| appendix| briefing"
            r"| draft| minutes| note)?\W{0,3}(?:$|[:\x{2013}-] ))|(?m:^\W{0,4}cyfrinachol\W*$)"
            r"|(?m:^\W{0,4}(?:commercial(?:ly)?\W{1,3}(?:in confidence|sensitive|confidential)"
            r"|in strict(?:est)? confidence|restricted)\W{0,3}$)",
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """One finding a marking and place."""
        if not scan.touches(self.name):
            return
        for kind in ("exempt", "sensitive", "part_two", "heading"):
            if self.seen(scan, kind, LAYERS):
                yield from self._marked(kind, LEVELS[kind], list(self.spans(scan, kind, LAYERS)))

    def _marked(self, kind: str, level: Confidence, spans: list[Span]) -> Iterable[Finding]:
        """One finding a place; of the words of the Act, those that only speak of other papers are apart."""
        told = [span for span in spans if kind == "exempt" and _speaks(span)]
        marked = dict.fromkeys(span.text.where for span in spans if span not in told)
        for where in marked:
            yield self.finding(where, level, SAYS[kind], count=1, kind=kind)
        for where in dict.fromkeys(span.text.where for span in told):
            if where not in marked:
                yield self.finding(where, LEVELS["public"], SAYS["public"], count=1, kind="public")


def _speaks(span: Span) -> bool:
    """True where press and public are excluded, or a paper is declined, and no paper speaks of itself."""
    before = span.text.folded[max(0, span.start - BEFORE) : span.start].replace("\n", " ")
    near = span.near(AROUND).replace("\n", " ")
    return bool((EXCLUDES.search(before) or DECLINES.search(near)) and not ITSELF.search(near))

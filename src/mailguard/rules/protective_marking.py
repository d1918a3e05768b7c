"""Sees protective markings and exempt papers. Law: a marking is a heading or a field, not a word in a sentence.

Source: Local Government Act 1972, Schedule 12A (exempt information); Government Security Classifications (OFFICIAL-
SENSITIVE); Lancashire protocol s8b and Southampton guidance C10 (SEC-8). Public "Part I" reports are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import EVERYWHERE, Scan
from mailguard.rules.rule import SELF, Rule

LAYERS = EVERYWHERE - {Layer.SIGNATURE, Layer.DISCLAIMER}
LEVELS = {
    "exempt": Confidence.HIGH,
    "sensitive": Confidence.HIGH,
    "part_two": Confidence.HIGH,
    "heading": Confidence.MEDIUM,
}
SAYS = {
    "exempt": "It says that it holds exempt information under Schedule 12A.",
    "sensitive": "It is marked OFFICIAL-SENSITIVE or higher.",
    "part_two": "It is marked as a Part II (private) paper.",
    "heading": "It is headed confidential.",
}


class ProtectiveMarking(Rule):
    """Kinds: `exempt`, `sensitive`, `part_two`, `heading`."""

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
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Part I report, open to the public",
        "This email and any attachments are confidential and intended for the addressee.",
        "A confidential helpline is open to all residents.",
        "Your parking permit is exempt from the charge.",
        "Marked OFFICIAL, the guidance is public",
    )

    @property
    def patterns(self) -> Mapping[str, str]:
        """Markings at the start of a line, and the words of the Act."""
        return {
            "exempt": r"\b(?:exempt (?:information|item|report|appendix|papers?) "
            r"(?:under|by virtue|within|as defined|pursuant)"
            r"|paragraphs? [1-7](?: (?:and|&|,|to) ?[1-7])* of (?:part (?:1|i|one) of )?schedule 12a"
            r"|(?:press and )?public (?:be|are|were) excluded .{0,60}schedule 12a)",
            "sensitive": r"\bofficial ?[-:\x{2013} ] ?sensitive\b|(?m:^\W{0,4}(?:top secret|secret)\W*$)",
            "part_two": r"(?m:^\W{0,4}part (?:ii|2|two|b)\b\W{1,4}"
            r"(?:\(?(?:private|exempt|confidential|not for publication|closed)\b))"
            r"|\b(?:private|exempt|confidential) ?\(?part (?:ii|2|two)\b",
            "heading": r"(?m:^\W{0,4}(?:strictly |private (?:and|&) |highly |members only[ :-]*)?confidential"
            r"(?: report| appendix| briefing"
            r"| draft| minutes| note)?\W{0,3}(?:$|[:\x{2013}-] ))|(?m:^\W{0,4}cyfrinachol\W*$)",
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """One finding a marking and place."""
        if not scan.touches(self.name):
            return
        for kind, level in LEVELS.items():
            if self.seen(scan, kind, LAYERS):
                for where in dict.fromkeys(span.text.where for span in self.spans(scan, kind, LAYERS)):
                    yield self.finding(where, level, SAYS[kind], count=1, kind=kind)

"""Sees whether a mail carries a signature of office (PER-2, PER-3).

Law: it says what is there and what lacks, and changes nothing. Nobody signs what a program or a calendar sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.rules._automatic import automatic, of_calendar
from mailguard.rules.rule import Rule

_ENDS = frozenset({Layer.SIGNATURE, Layer.NEW, Layer.DISCLAIMER})


class CouncilSignature(Rule):
    """Kind `present` where name or office and the council stand at the end; `missing` where nothing of it does."""

    name = "council_signature"
    family = "style"
    source = "Manchester s4, s6.2 (PER-2, PER-3); Southampton D4 (PER-4)"
    hits: ClassVar[tuple[str, ...]] = ("Regards\n-- \nCllr Jo Marsh\nMember for Mill ward\nAnytown Council",)
    misses: ClassVar[tuple[str, ...]] = ()

    @property
    def patterns(self) -> Mapping[str, str]:
        """Marks of office and of a council."""
        return {
            "office": r"\b(?:cllr|councillor|cynghorydd|member for|leader of|cabinet member|mayor of|chair of|"
            r"ward member)\b",
            "council": r"\b(?:council|cyngor)\b",
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """The last lines of the sender's own text count as a signature where none was set apart."""
        ends = [text.folded[-400:] for text in mail.contents.texts if text.layer in _ENDS]
        if not ends:
            return
        name = mail.sender.member.folded_name
        council = mail.council.folded_name
        office = self.seen(scan, "office", _ENDS) and any(" cllr" in f" {end}" or "councillor" in end for end in ends)
        named = bool(name) and any(name in end for end in ends)
        body = self.seen(scan, "council", frozenset({Layer.SIGNATURE})) or any(
            council in end for end in ends if council
        )
        if office or (named and body):
            yield self.finding(
                "signature", Confidence.MEDIUM, "It bears a signature of office.", count=1, kind="present"
            )
        elif not ((named and body) or automatic(mail) or of_calendar(mail)):
            why = "No sender's name with the council's stands at its end."
            yield self.finding("signature", Confidence.LOW, why, count=1, kind="missing")

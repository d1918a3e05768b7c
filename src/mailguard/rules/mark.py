"""Sees the sender's own marks: `personal`, `[secure]`, `not for publication`.

Law: a mark is the sender's word about the mail, never a bypass (PER-2). Sources: Manchester guidance s4 and
s6.2 (the word "personal" in the subject), RFC 4021, 2.1.56 (Sensitivity, which mail programs set for "clearly marked
personal": Lancashire Appendix A, PER-1), NHS DCB1596 (`[secure]`, LAW-10), Manchester s3.2 (POL-16).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.rules.rule import Rule

SUBJECT = frozenset({Layer.SUBJECT})


class Mark(Rule):
    """One finding a mark; `kind` is the mark."""

    name = "mark"
    family = "mark"
    source = "Manchester guidance s4, s6.2, s3.2; NHS DCB1596"
    hits: ClassVar[tuple[str, ...]] = (
        "Subject: [secure] Care plan",
        "Subject: Personal: lunch on Friday",
        "Subject: Lunch on Friday (personal)",
        "Subject: Personol: cinio",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Subject: Personal independence payment for a resident",
        "Subject: Secure cycle parking",
        "Subject: Training on data that is personal",
    )

    @property
    def patterns(self) -> Mapping[str, str]:
        """The marks as they are written at the start or end of a subject."""
        return {
            "personal": r"^(?:(?:re|fw|fwd):\s*)*[\[(]?(?:strictly |private (?:and|&) )?person(?:al|ol)[\])]?"
            r"(?:\s*[:\-]|$)"
            r"|(?:[\[(]|\s[:\-]\s?)person(?:al|ol)[\])]?\s*$",
            "secure": r"\[(?:secure|encrypt)\]",
            "not_for_publication": r"\bnot for publication\b",
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Look at the subject alone, but for "not for publication", which letters carry in the text."""
        for mark in ("personal", "secure"):
            if self.seen(scan, mark, SUBJECT):
                yield self.finding("subject", Confidence.HIGH, f"The subject is marked {mark}.", count=1, kind=mark)
        if mail.contents.headers.first("sensitivity").strip().lower() == "personal":
            why = "Its header marks it personal (Sensitivity)."
            yield self.finding("header", Confidence.HIGH, why, count=1, kind="personal")
        if self.seen(scan, "not_for_publication"):
            why = "The mail says that it is not for publication."
            yield self.finding("mail", Confidence.HIGH, why, count=1, kind="not_for_publication")

"""Judges what a mail is for: personal, council, group, campaign, private business, or unknown.

Law: every judgement has reasons, and `unknown` is an honest one: it is that of an automatic reply or report. The
personal mark is the sender's word, not a bypass (PER-2).

Sources: Lancashire Appendix A (VOL-1, VOL-9, PER-1); Manchester s4, s6.2; Walsall s2 (CNT-3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import OWN, Scan
from mailguard.rules._automatic import automatic
from mailguard.rules._signs import Case, signs_of
from mailguard.rules.rule import Rule

_LISTS = {
    "personal": "personal",
    "shared": "personal_shared",
    "council": "council_business",
    "service": "service",
    "minutes": "minutes",
    "business": "private_business",
    "group": "party_organisation",
}

# No sign grows any more from these numbers of different phrases on (see `_signs`).
ENOUGH = {"personal": 3, "council": 4, "service": 3, "minutes": 3, "business": 3}


class Purpose(Rule):
    """Exactly one finding a mail: `kind` is the purpose, `why` lists the reasons. It runs after the judge."""

    name = "purpose"
    family = "purpose"
    source = "Lancashire Appendix A; Manchester s4, s6.2; Walsall s2, s7; Southampton C"
    rank = 92
    reads = ("mark", "political", "marketing")
    hits: ClassVar[tuple[str, ...]] = ("Subject: Personal: dinner\n\nHi all, dinner at ours on Friday? Love, Sam xx",)
    misses: ClassVar[tuple[str, ...]] = ()

    @property
    def patterns(self) -> Mapping[str, str]:
        """The word lists, and what a signature of office looks like."""
        made = {key: phrases(self.tools.words.get(name, ())) for key, name in _LISTS.items()}
        made["office"] = (
            r"\b(?:cllr|councillor|cynghorydd|member for|cabinet member|leader of the council|"
            r"ward councillor|chair of)\b"
        )
        return made

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Weigh the signs of each purpose; the strongest wins if it is clear of the next."""
        if automatic(mail):
            yield self.finding("mail", Confidence.LOW, "A program sent it, for no purpose.", count=1, kind="unknown")
            return
        case = Case(
            words=self._counted(scan),
            office=self.seen(scan, "office"),
            marks=frozenset(item.kind for item in scan.found("mark")),
            political=max((item.confidence for item in scan.found("political")), default=None),
            marketing=max((item.confidence for item in scan.found("marketing")), default=None),
        )
        kind, level, reasons = _weigh(signs_of(mail, case))
        why = f"Judged {kind.replace('_', ' ')}: {', '.join(reasons)}." if reasons else "Nothing tells what it is for."
        yield self.finding("mail", level, why, count=len(reasons), kind=kind)

    def _counted(self, scan: Scan) -> dict[str, int]:
        """Different phrases by list, as many as tell; those shared with work only beside a personal one."""
        words = {key: len(scan.distinct(f"purpose.{key}", OWN, enough)) for key, enough in ENOUGH.items()}
        words["group"] = int(self.seen(scan, "group", OWN))
        words["shared"] = len(scan.distinct("purpose.shared", OWN, 4)) if words["personal"] else 0
        return words


def _weigh(signs: Mapping[str, list[tuple[float, str]]]) -> tuple[str, Confidence, list[str]]:
    """The purpose with the largest sum, its confidence by sum and by its lead over the next, and its reasons."""
    sums = {kind: sum(weight for weight, _ in items) for kind, items in signs.items()}
    ordered = sorted(sums, key=lambda kind: -sums[kind])
    best, lead = ordered[0], sums[ordered[0]] - sums[ordered[1]]
    if sums[best] < 2 or lead < 1:
        return "unknown", Confidence.LOW, []
    level = Confidence.LOW
    if sums[best] >= 3 and lead >= 1.5:
        level = Confidence.HIGH if sums[best] >= 5 and lead >= 3 else Confidence.MEDIUM
    return best, level, [why for weight, why in signs[best] if weight > 0]

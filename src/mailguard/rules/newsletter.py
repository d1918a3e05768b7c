"""Sees a ward newsletter (POL-14). Law: a newsletter is no fault; clauses ask for it with a period or with politics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import OWN, Scan
from mailguard.rules.rule import SELF, Rule


class Newsletter(Rule):
    """Two marks, or one mark and more than ten outside addressees, make MEDIUM."""

    name = "newsletter"
    family = "volume"
    source = "Walsall s7 and schedule (POL-14)"
    wakes = (SELF,)
    hits: ClassVar[tuple[str, ...]] = ("Mill Ward Newsletter, spring edition. In this issue: dates for your diary.",)
    misses: ClassVar[tuple[str, ...]] = ("Your street light has been reported.",)

    @property
    def patterns(self) -> Mapping[str, str]:
        """Marks of a newsletter."""
        return {"mark": phrases(self.tools.words.get("newsletter", ()))}

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Distinct marks, and the number of outside addressees."""
        marks = {span.matched for span in self.spans(scan, "mark", OWN)}
        wide = len(mail.audience.external) > 10
        if marks:
            level = Confidence.MEDIUM if len(marks) + wide >= 2 else Confidence.LOW
            yield self.finding("mail", level, "It looks like a ward newsletter.", things=marks, kind="newsletter")

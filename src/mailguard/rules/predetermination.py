"""Sees words that look like a mind made up before a decision (POL-22).

Law: advice to the member, never more than LOW.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import OWN, Scan
from mailguard.rules._political import Political
from mailguard.rules.rule import SELF


class Predetermination(Political):
    """Only beside a pending application or licence."""

    name = "predetermination"
    source = "Lancashire Appendix B section 2 (POL-22)"
    wakes = (SELF,)
    gate = ""
    hits: ClassVar[tuple[str, ...]] = ("I will vote against the planning application on Tuesday whatever is said.",)
    misses: ClassVar[tuple[str, ...]] = ("The committee will decide the planning application on Tuesday.",)

    @property
    def patterns(self) -> dict[str, str]:
        """The phrases, and what they are about."""
        return {
            "mind": phrases(self.tools.words.get("predetermination", ())),
            "matter": r"\b(?:planning|licensing|application|licence|scheme|development|proposal)\b",
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Both must stand in the sender's words."""
        spans = list(self.spans(scan, "mind", OWN))
        if spans and self.seen(scan, "matter", OWN):
            why = "It may look as if the sender's mind were made up before the decision."
            yield self.finding(spans[0].text.where, Confidence.LOW, why, count=len(spans), kind="predetermined")

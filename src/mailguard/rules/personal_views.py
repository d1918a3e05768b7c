"""Sees whether the sender says that his views are his own, or that material is private (POL-17, POL-19).

Law: a mitigation, never a clearance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import OWN, Scan
from mailguard.rules.rule import SELF, Rule

_PLACES = OWN | {Layer.SIGNATURE}


class PersonalViews(Rule):
    """Kinds `stated` (own views), `private` (private capacity), `unstated` (views given, no such word)."""

    name = "personal_views"
    family = "style"
    source = "Manchester s3.2; Lancashire Appendix B 6 (POL-17); Southampton C5(a) (POL-19)"
    wakes = (SELF,)
    hits: ClassVar[tuple[str, ...]] = ("These are my own views and not those of the council.",)
    misses: ClassVar[tuple[str, ...]] = ("The council's view is set out in the report.",)

    @property
    def patterns(self) -> Mapping[str, str]:
        """Statements of own views; words of opinion."""
        return {
            "stated": phrases(self.tools.words.get("personal_views", ())),
            "private": phrases(self.tools.words.get("private_capacity", ())),
            "opinion": r"\b(?:in my (?:view|opinion)|i (?:firmly |strongly )?believe|my view is|yn fy marn i)\b",
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """At most one finding a kind."""
        stated = self.seen(scan, "stated", _PLACES)
        if stated:
            yield self.finding(
                "mail", Confidence.LOW, "It says that the views are the sender's own.", count=1, kind="stated"
            )
        if self.seen(scan, "private", _PLACES):
            yield self.finding("mail", Confidence.LOW, "It says that it was made in private.", count=1, kind="private")
        if not stated and mail.audience.external and self.seen(scan, "opinion", OWN):
            why = "It gives a personal view without saying that it is not the council's."
            yield self.finding("mail", Confidence.LOW, why, count=1, kind="unstated")

"""Sees a welcome letter to new electors, which the registration officer alone writes (POL-21).

Law: a welcome about services is none.
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


class WelcomeLetter(Political):
    """LOW; a clause that wants it asks for LOW."""

    name = "welcome_letter"
    source = "Southampton E (POL-21)"
    wakes = (SELF,)
    gate = ""
    hits: ClassVar[tuple[str, ...]] = ("Welcome to Mill ward! I see you are newly registered on the electoral roll.",)
    misses: ClassVar[tuple[str, ...]] = ("Welcome to the ward: here are your bin days.",)

    @property
    def patterns(self) -> dict[str, str]:
        """A welcome, and the register."""
        lines = self.tools.words.get("welcome", ())
        return {
            "welcome": phrases(line for line in lines if "welcome" in line),
            "elector": phrases(line for line in lines if "welcome" not in line),
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Both must stand in the sender's words."""
        if self.seen(scan, "welcome", OWN) and self.seen(scan, "elector", OWN):
            why = "It welcomes somebody as a new elector."
            yield self.finding("mail", Confidence.LOW, why, count=1, kind="welcome")

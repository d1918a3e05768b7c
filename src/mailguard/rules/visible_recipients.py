"""Sees many private outside addresses in To and Cc. Law: it counts people, so organisations' addresses are left out.

Source: ICO, Email and security (30 August 2023) and its reprimands over open lists (15 addresses and more); LAW-7.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.rules.rule import Options, Rule, Tools


class VisibleRecipientsOptions(Options):
    """Numbers of visible private outside addresses from which the finding is low, medium and high."""

    low: int = 3
    medium: int = 10
    high: int = 15


class VisibleRecipients(Rule):
    """Addresses of free-mail domains, and those recorded as private, that every other recipient can read."""

    name = "visible_recipients"
    family = "security"
    source = "LAW-7; ICO e-mail and security, 2023"
    options_type = VisibleRecipientsOptions
    options: VisibleRecipientsOptions

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        self.free = frozenset(tools.words.get("freemail", ()))

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """One finding with the count; the sender's own addresses do not count."""
        audience = mail.audience
        if len(audience.visible) < self.options.low:
            return
        outside = audience.visible & audience.external
        people = {item for item in outside if item in audience.private or item.rpartition("@")[2] in self.free}
        people -= audience.own_private
        grade = self.grade(len(people))
        if grade:
            why = (
                f"{len(people)} private outside addresses stand in To or Cc, where each recipient reads all the "
                "others; send to each separately instead."
            )
            yield self.finding("To and Cc", grade, why, things=people, kind="private")

    def grade(self, number: int) -> Confidence | None:
        """By number alone."""
        for level, limit in (
            (Confidence.HIGH, self.options.high),
            (Confidence.MEDIUM, self.options.medium),
            (Confidence.LOW, self.options.low),
        ):
            if number >= limit:
                return level
        return None

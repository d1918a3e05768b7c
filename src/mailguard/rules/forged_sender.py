"""Says that envelope, header and login belong to different people. Law: who they are is settled before rules run.

Source: Manchester guidance s6.2.2 (forgery); SEC-5. Delegates, shared mailboxes and forwards are told apart where
the sender is made out (`people`).
"""

from __future__ import annotations

from collections.abc import Iterable

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.rules.rule import Rule


class ForgedSender(Rule):
    """One finding where the sender was made out as forged."""

    name = "forged_sender"
    family = "security"
    source = "SEC-5; Manchester s6.2.2"

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """The reason is a fixed phrase without addresses."""
        if mail.sender.forged:
            why = "The sender's address, the From field and the login belong to different people."
            yield self.finding("envelope", Confidence.HIGH, why, count=1, kind="forged")

"""Judges whether a mail appears designed to affect support for a party or candidate: the weighing of all evidence.

Law: neither a party's name nor the model's score decides alone; evidence must be there, and every verdict lists it.
Sources: Local Government Act 1986 s2 (LAW-1); POL-1, POL-3, POL-4, POL-5. The score is explained in docs/political.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.rules._political import Political

_BODY = frozenset({Layer.SUBJECT, Layer.NEW, Layer.FORWARDED})


class PartyPolitical(Political):
    """The family's judge."""

    name = "party_political"
    source = "Local Government Act 1986 s2 (LAW-1); Manchester s3.1, s6.2.3 (POL-1, POL-3, POL-4, POL-5)"
    rank = 90
    gate = r"\z."

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """One finding a place."""
        return ()

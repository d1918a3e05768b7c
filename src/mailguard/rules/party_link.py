"""Sees links and addresses of parties and of their campaigns.

Law: one finding a mail, whichever party it is; a link in a quoted mail is not the sender's (POL-5, LAW-14).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.rules._political import Political
from mailguard.rules.rule import SELF

_GENERIC = (
    r"(?:actblue|winred|anedot|nationbuilder|crowdpac|crowdfunder\.co\.uk/p/(?:elect|re-?elect|campaign))[^\s]*|"
    r"(?:vote|elect|re-?elect|join|donate)-?(?:for-?)?[a-z-]{3,30}\.(?:org|co|com|uk|org\.uk|co\.uk|wales|scot|info)\b"
)


class PartyLink(Political):
    """Domains come from the parties' file; mail addresses at them count too."""

    name = "party_link"
    source = "York standards decision (LAW-14); policy POL-1"
    wakes = (SELF,)
    hits: ClassVar[tuple[str, ...]] = ("Sign up at https://www.libdems.org.uk/join today", "See www.conservatives.com")
    misses: ClassVar[tuple[str, ...]] = ("See https://www.gov.uk/register-to-vote", "Write to planning@council.example")
    gate = ""

    @property
    def patterns(self) -> Mapping[str, str]:
        """One expression of all domains; a domain counts at the start of a host name or below another."""
        hosts = [re2.escape(domain) for party in self.parties for domain in party.domains]
        joined = "|".join([*hosts, _GENERIC])
        return {"gate": rf"(?:^|[^a-z0-9-])(?:{joined})(?:[^a-z0-9.-]|[.](?:\s|$)|$)"}

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """All places in one finding."""
        spans = list(self.spans(scan, "gate", self.layers))
        if spans:
            why = "A link to, or an address of, a political party or its campaign."
            things = [span.matched.strip() for span in spans]
            yield self.finding(spans[0].text.where, Confidence.LOW, why, things=things, kind="link")

"""Finds private people's mail addresses in the text. Law: alone it is low; many private ones are medium.

Source: SEC-1; ICO "email and security" (an address alone can tell much). The council's own domains, the sender's
own addresses and the mail's recipients do not count, nor does a signature.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import ClassVar

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan, Span
from mailguard.rules._identifier import keep
from mailguard.rules._signature import LAYERS, Signatures
from mailguard.rules.rule import SELF, Options, Rule, Tools

MANY = 10


class EmailAddress(Rule):
    """Distinct addresses of free-mail domains, and others, by place."""

    name = "email_address"
    family = "personal_data"
    source = "SEC-1; ICO e-mail and security, 2023"
    wakes = (SELF,)
    hits: ClassVar[tuple[str, ...]] = ("Her address is ann.brown@gmail.com", "j.smith1950@btinternet.com")
    misses: ClassVar[tuple[str, ...]] = ("See https://example.org/a@b", "at the market @ 10", "clerk@anytown.gov.uk")

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        self.signatures = Signatures(tools)
        self.private = frozenset(tools.words.get("freemail", ()))

    @property
    def patterns(self) -> Mapping[str, str]:
        """An address as people write it."""
        return {"address": r"\b[a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}\b"}

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Addresses of private people: free-mail domains."""
        if not self.seen(scan, "address", LAYERS):
            return
        member = mail.sender.member
        own = {member.address, *member.aliases, *member.private_addresses, mail.sender.delegate}
        known = own | mail.audience.everyone
        found: dict[str, set[str]] = defaultdict(set)
        kept: list[Span] = []
        for span in self.signatures.spans(self, mail, scan, "address"):
            address = span.matched
            if address not in known and address.rpartition("@")[2] in self.private:
                kept.append(span)
                found[span.text.where].add(address)
        keep(scan, self.name, kept)
        for where, addresses in found.items():
            count = len(addresses)
            grade = Confidence.MEDIUM if count >= MANY else Confidence.LOW
            yield self.finding(
                where, grade, f"{count} private mail address{'' if count == 1 else 'es'}.", things=addresses
            )

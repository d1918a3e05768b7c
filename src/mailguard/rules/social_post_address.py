"""Sees mail to an address whose mail becomes a public post (POL-20).

Law: it looks at recipients, and weighs politics found.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.rules._political import Political


class SocialPostAddress(Political):
    """MEDIUM where any evidence of this family was found too, else LOW."""

    name = "social_post_address"
    source = "Lancashire Appendix B(8) (POL-20)"
    rank = 3
    wakes = None
    gate = r"\z."

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(item for item in self.tools.words.get("social_addresses", ()) if not item.startswith("@"))

    @cached_property
    def _hosts(self) -> tuple[str, ...]:
        return tuple(item for item in self.tools.words.get("social_addresses", ()) if item.startswith("@"))

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """The part before the @ counts at the council's own domains alone; a posting service's domain anywhere."""
        own = tuple(f"@{domain}" for domain in mail.council.domains)
        posts = [
            address
            for address in mail.audience.everyone
            if address.endswith(self._hosts or "\0")
            or (address.partition("@")[0] in self._names and address.endswith(own or "\0"))
        ]
        if posts:
            political = bool(scan.found(self.family))
            level = Confidence.MEDIUM if political else Confidence.LOW
            why = "It goes to an address whose mail becomes a public post."
            yield self.finding("recipients", level, why, things=posts, kind="post")

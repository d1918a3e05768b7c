"""Sees share links to clouds the council has not approved. Law: a link to a public page is none; a share is.

Source: Walsall protocol p9 (SEC-10). Domains are data (`config/words/cloud_shares.txt`); the council's own tenant and
approved domains go into this rule's `allowed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import re2

from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import EVERYWHERE, Scan
from mailguard.rules.rule import SELF, Options, Rule

LAYERS = EVERYWHERE - {Layer.SIGNATURE, Layer.DISCLAIMER}


class CloudLinkOptions(Options):
    """`allowed`: domains (with subdomains) whose shares the council has approved."""

    allowed: tuple[str, ...] = ()


class CloudLink(Rule):
    """Distinct share links by place."""

    name = "cloud_link"
    family = "security"
    source = "SEC-10; Walsall p9"
    wakes = (SELF,)
    options_type = CloudLinkOptions
    options: CloudLinkOptions
    hits: ClassVar[tuple[str, ...]] = (
        "The file is at https://www.dropbox.com/s/abc123/list.xlsx?dl=0",
        "https://drive.google.com/file/d/1AbC/view",
        "https://we.tl/t-AbCdEf",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "See https://www.gov.uk/find-local-council",
        "We use dropbox.com at home",
        "https://www.dropbox.com/",
    )

    @property
    def patterns(self) -> Mapping[str, str]:
        """A listed share prefix followed by more of a path."""
        prefixes = "|".join(re2.escape(line) for line in self.tools.words.get("cloud_shares", ()))
        return {"share": rf"\b(?:[a-z0-9-]{{1,40}}\.?)?(?:{prefixes})[^\s<>\"']{{2,200}}"} if prefixes else {}

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Links to domains that are not allowed."""
        if not self.seen(scan, "share", LAYERS):
            return
        places: dict[str, set[str]] = {}
        for span in self.spans(scan, "share", LAYERS):
            host = span.matched.split("/", 1)[0]
            if not any(host == domain or host.endswith("." + domain) for domain in self.options.allowed):
                places.setdefault(span.text.where, set()).add(span.matched)
        for where, links in places.items():
            why = f"{len(links)} link{'' if len(links) == 1 else 's'} to files in a cloud the council has not listed."
            yield self.finding(where, Confidence.MEDIUM, why, things=links)

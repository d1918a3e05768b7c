"""Sees whether the council's disclaimer is there, or is missing (PER-6). Law: it never adds one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import OWN, Scan
from mailguard.rules.rule import Rule

_PLACES = OWN | {Layer.SIGNATURE, Layer.DISCLAIMER}


class Disclaimer(Rule):
    """Kind `present`, or `missing` on mail that leaves the council."""

    name = "disclaimer"
    family = "style"
    source = "Lancashire Appendix A (PER-6)"
    hits: ClassVar[tuple[str, ...]] = (
        "This e-mail is confidential and intended solely for the use of the individual to whom it is addressed.",
    )
    misses: ClassVar[tuple[str, ...]] = ()

    @property
    def patterns(self) -> Mapping[str, str]:
        """Words of disclaimers."""
        return {"words": phrases(self.tools.words.get("disclaimer", ()))}

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Internal mail needs none."""
        if self.seen(scan, "words", _PLACES):
            yield self.finding("mail", Confidence.MEDIUM, "It bears a disclaimer.", count=1, kind="present")
        elif mail.audience.external:
            why = "It leaves the council without the disclaimer."
            yield self.finding("mail", Confidence.MEDIUM, why, count=1, kind="missing")

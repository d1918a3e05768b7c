"""Sees chain letters, and petitions passed round (VOL-8).

Law: the council's own petitions, and petitions handed to it, are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import re2

from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import NEVER, phrases
from mailguard.matching.scan import OWN, Scan
from mailguard.rules.rule import SELF, Rule

_LAYERS = OWN | {Layer.FORWARDED}


class ChainLetter(Rule):
    """Kinds `chain` and `petition`; a petition needs a call to sign or a page that hosts one."""

    name = "chain_letter"
    family = "volume"
    source = "Lancashire Appendix A (VOL-8)"
    wakes = (SELF,)
    hits: ClassVar[tuple[str, ...]] = (
        "Forward this to ten people and do not break the chain!",
        "Please sign this petition: https://www.change.org/p/save-the-pool",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "The petition was presented to full council and referred to the committee.",
        "Please forward this to the planning officer.",
    )

    @property
    def patterns(self) -> Mapping[str, str]:
        """Calls to pass on, calls to sign, pages that host petitions, and the council's own."""
        sites = "|".join(re2.escape(site) for site in self.tools.words.get("petition_sites", ()))
        return {
            "chain": phrases(self.tools.words.get("chain", ())),
            "petition": phrases(self.tools.words.get("petitions", ())),
            "site": sites or NEVER,
            "council": phrases(self.tools.words.get("council_petition", ())),
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """One finding a kind."""
        chains = {span.matched for span in self.spans(scan, "chain", _LAYERS)}
        if chains:
            level = Confidence.HIGH if len(chains) > 1 else Confidence.MEDIUM
            yield self.finding("mail", level, "It asks to be passed on to many.", things=chains, kind="chain")
        asks = {span.matched for span in self.spans(scan, "petition", _LAYERS)}
        hosted = self.seen(scan, "site", _LAYERS)
        if (asks or hosted) and not (self.seen(scan, "council", _LAYERS) and not hosted):
            level = Confidence.MEDIUM if (asks and hosted) or len(mail.audience.everyone) > 5 else Confidence.LOW
            why = "A petition is passed round" + (", on a page that hosts petitions." if hosted else ".")
            yield self.finding("mail", level, why, things=asks or {"site"}, kind="petition")

"""Sees chain letters, and petitions passed round (VOL-8).

Law: the council's own petitions, and petitions handed to it, are none; nor is a notice of the council that is to reach
many. Lancashire lists both under use that is not council business.
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
_AT_WORK = frozenset({"council", "group"})
_SIGN = r"\b(?:sign(?:ed|ing)?|signatures?|llofnod\w*|arwyddo\w*)\b"


class ChainLetter(Rule):
    """Kinds `chain`, `circulated` (LOW: council business that asks to be passed on) and `petition`.

    A petition needs a call to sign or a page that hosts one.
    """

    name = "chain_letter"
    family = "volume"
    source = "Lancashire Appendix A (VOL-8)"
    wakes = (SELF,)
    rank = 93
    reads = ("purpose",)
    hits: ClassVar[tuple[str, ...]] = (
        "Forward this to ten people and do not break the chain!",
        "Please sign this petition: https://www.change.org/p/save-the-pool",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "The petition was presented to full council and referred to the committee.",
        "Please forward this to the planning officer.",
        "The rent consultation closes on Friday. Please pass this on to the residents on your committee's list.",
    )

    @property
    def patterns(self) -> Mapping[str, str]:
        """Calls to pass on, calls to sign, pages that host petitions, and the council's own."""
        sites = "|".join(re2.escape(site) for site in self.tools.words.get("petition_sites", ()))
        chains = self.tools.words.get("chain", ())
        return {
            "chain": phrases(line.removeprefix("!").strip() for line in chains if line.startswith("!")),
            "passed": phrases(line for line in chains if not line.startswith("!")),
            "sign": _SIGN,
            "petition": phrases(self.tools.words.get("petitions", ())),
            "site": sites or NEVER,
            "council": phrases(self.tools.words.get("council_petition", ())),
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """One finding a kind."""
        yield from self._chains(scan)
        asks = {span.matched for span in self.spans(scan, "petition", _LAYERS)}
        hosted = self.seen(scan, "site", _LAYERS)
        if (asks or hosted) and not (self.seen(scan, "council", _LAYERS) and not hosted):
            asked = bool(asks) or self.seen(scan, "sign", _LAYERS)
            level = Confidence.MEDIUM if (asked and hosted) or len(mail.audience.everyone) > 5 else Confidence.LOW
            why = "A petition is passed round" + (", on a page that hosts petitions." if hosted else ".")
            yield self.finding("mail", level, why, things=asks or {"site"}, kind="petition")

    def _chains(self, scan: Scan) -> Iterable[Finding]:
        """A chain letter; or, of council business, a notice that asks to be passed on."""
        chains = {span.matched for span in self.spans(scan, "chain", _LAYERS)}
        passed = {span.matched for span in self.spans(scan, "passed", _LAYERS)}
        at_work = any(item.kind in _AT_WORK for item in scan.found("purpose"))
        if chains or (passed and not at_work):
            level = Confidence.HIGH if len(chains | passed) > 1 else Confidence.MEDIUM
            yield self.finding("mail", level, "It asks to be passed on to many.", things=chains | passed, kind="chain")
        elif passed:
            why = "It asks to be passed on, and is about council business."
            yield self.finding("mail", Confidence.LOW, why, things=passed, kind="circulated")

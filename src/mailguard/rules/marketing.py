"""Sees direct marketing (VOL-7). Law: what a quoted mail offers is not the sender's offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import OWN, Scan
from mailguard.rules.rule import SELF, Rule


class Marketing(Rule):
    """MEDIUM from two kinds of marks on, HIGH from four: offers in words, list headers, many addressees."""

    name = "marketing"
    family = "volume"
    source = "Walsall s7 (VOL-7); PECR, ICO on political campaigning (LAW-11)"
    wakes = (SELF,)
    hits: ClassVar[tuple[str, ...]] = (
        "Special offer: 20% off our new range. Order now online. Terms and conditions apply.",
    )
    misses: ClassVar[tuple[str, ...]] = ("The council offers a discount on council tax to people who live alone.",)

    @property
    def patterns(self) -> Mapping[str, str]:
        """Words of offers; a tracking pixel is a picture of one dot."""
        return {"offer": phrases(self.tools.words.get("marketing", ()))}

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Distinct offers in the sender's words, and the form of a bulk mail."""
        offers = {span.matched for span in self.spans(scan, "offer", OWN)}
        headers = mail.contents.headers
        bulk = bool(headers.first("list-unsubscribe")) or headers.first("precedence").lower() in {"bulk", "list"}
        marks = min(len(offers), 3) + bulk + (len(mail.audience.external) > 25)
        if not offers or marks < 1:
            return
        level = Confidence.HIGH if marks >= 4 else Confidence.MEDIUM if marks >= 2 else Confidence.LOW
        why = "Marks of direct marketing: offers or calls to buy" + (", with list headers." if bulk else ".")
        yield self.finding("mail", level, why, things=offers, kind="marketing")

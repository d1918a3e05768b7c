"""Casework: a resident's matter is answered, passed on or chased (POL-8).

Ends where campaign material goes with it ("not as part of a party political leaflet or similar"), where the
sender's own words are a campaign appeal by the judge or abuse of whoever reads them, where many outside addresses
receive it, and at letters to the media and press releases, which are publicity.

Sources: Lancashire s2.1(d) and Appendix A; Walsall s3; Manchester s3.2, s6.2.3.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailguard.defences._shared import campaign_material, found, newsrooms, replies
from mailguard.defences.defence import Defence
from mailguard.mail.evidence import Confidence, Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import OWN, SELF, WRITTEN, Scan

MOST = 2
_RELEASE = r"\b(?:(?:press|news) release|for immediate (?:release|use)|notes? to editors?|datganiad i'r wasg)\b"


class Casework(Defence):
    """At most two outside addresses and two distinct service phrases, or one in a reply."""

    name = "casework"
    source = "Lancashire s2.1(d), Appendix A; Walsall s3; Manchester s6.2.3 (POL-8)"
    reads = (*Defence.reads, "offensive")
    wakes = (SELF,)

    @property
    def patterns(self) -> Mapping[str, str]:
        """Service words, and what a press release says of itself."""
        return {"service": phrases(self.words.get("service", ())), "release": _RELEASE}

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """Few recipients, service words, no campaign."""
        leaving = {item for item in mail.audience.external if not item.endswith((".gov.uk", ".nhs.uk", ".police.uk"))}
        if len(leaving) > MOST or campaign_material(scan):
            return None
        if found(scan, "party_political", Confidence.HIGH) or self._appeals(scan):
            return None
        if any(item.kind == "aimed" and item.confidence >= Confidence.MEDIUM for item in scan.found("offensive")):
            return None
        if scan.has("casework.release", WRITTEN) or newsrooms(leaving, self.words.get("media_domains", ())):
            return None
        words = scan.distinct("casework.service", OWN, 2)
        answer = replies(mail)
        if len(words) + answer < 2 or not words:
            return None
        how = "a reply" if answer else "a message"
        return Exemption(self.name, f"It is {how} to at most two outside addresses with words of casework.")

    @staticmethod
    def _appeals(scan: Scan) -> bool:
        """A call to vote, give or join in the sender's own words is not casework, whatever else he writes."""
        kinds = {item.kind for item in scan.found("campaign_appeal") if "signature" not in item.where}
        return bool(kinds & {"vote", "donate", "join"}) and found(scan, "party_political")

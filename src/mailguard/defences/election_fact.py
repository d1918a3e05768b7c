"""A factual statement of who was elected, or holds which post (POL-7). Ends where anything is asked for or praised.

Source: Southampton D4; names, wards and parties of candidates are allowed facts even in a period (Manchester s3.2).
"""

from __future__ import annotations

from collections.abc import Mapping

from mailguard.defences._shared import campaign_material, found
from mailguard.defences.defence import Defence
from mailguard.mail.evidence import Confidence, Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.scan import OWN, SELF, Scan

_PERSUASION = frozenset(
    {"campaign_appeal", "candidate_promotion", "slogan", "party_attack", "party_petition", "party_link"}
)
_FACT = (
    r"\b(?:was|were|is|has been|have been|been|duly) (?:(?:re-)?elected|appointed|nominated|co-opted|returned)\b|"
    r"\b(?:received|polled|with|by) [0-9,]+ votes\b|\belected (?:as|to|for|in|on)\b|"
    r"\b(?:member|councillor) for\b|\b(?:holds?|hold) (?:the )?(?:post|office|seats?)\b|\bseats?\b.{0,30}\b[0-9]+\b|"
    r"\b(?:cllr|councillor)\s+[a-z' -]{3,40}\s\((?:[a-z' -]{3,40})\)|\b(?:etholwyd|penodwyd)\b"
)


class ElectionFact(Defence):
    """Facts of election, post and seats, with nothing that persuades beside them."""

    name = "election_fact"
    source = "Southampton D4; Manchester s3.2 (POL-7)"
    wakes = (SELF,)

    @property
    def patterns(self) -> Mapping[str, str]:
        """How such facts are written."""
        return {"fact": _FACT}

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """One persuasive kind ends it, and so does a high score."""
        if campaign_material(scan) or not scan.has("election_fact.fact", OWN):
            return None
        if any(item.rule in _PERSUASION for item in scan.found("political")):
            return None
        if found(scan, "party_political", Confidence.HIGH):
            return None
        return Exemption(self.name, "It states who was elected or holds a post, and asks for nothing.")

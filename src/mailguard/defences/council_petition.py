"""The council's own e-petitions, and petitions received and passed to officers, are casework (VOL-8).

Ends at a party's petition.

Source: Lancashire Appendix A.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailguard.defences._shared import SENT, campaign_material, found
from mailguard.defences.defence import Defence
from mailguard.mail.evidence import Confidence, Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import OWN, SELF, Scan


class CouncilPetition(Defence):
    """Words of the petition scheme, or of handing in; or a petition sent to the council alone."""

    name = "council_petition"
    source = "Lancashire Appendix A (VOL-8)"
    wakes = (SELF,)

    @property
    def patterns(self) -> Mapping[str, str]:
        """The scheme's words, and any petition at all."""
        return {"scheme": phrases(self.words.get("council_petition", ())), "any": r"\b(?:petitions?|deiseb)\b"}

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """A party's petition is party-political wherever it is hosted."""
        if campaign_material(scan) or found(scan, "party_petition", Confidence.LOW):
            return None
        if scan.has("council_petition.scheme", OWN):
            return Exemption(self.name, "It concerns the council's petition scheme or a petition handed in.")
        if scan.has("council_petition.any", SENT) and mail.audience.everyone and not mail.audience.external:
            return Exemption(self.name, "A petition is passed to the council's own people.")
        return None

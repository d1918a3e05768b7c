"""Political group business on the council is council business (POL-6).

Ends where one recipient is outside the sender's group and not an officer of the council, and where the matter is
party organisation. Sources: Lancashire s2.1(c) and Appendix A; Manchester s6.2.3.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailguard.defences._shared import campaign_material
from mailguard.defences.defence import Defence
from mailguard.mail.evidence import Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import OWN, SELF, Scan


class GroupBusiness(Defence):
    """All recipients in the group's roster (or council officers, at least one colleague), and council business."""

    name = "group_business"
    source = "Lancashire s2.1(c), Appendix A; Manchester s6.2.3 (POL-6)"
    wakes = (SELF,)

    @property
    def patterns(self) -> Mapping[str, str]:
        """Words of council business, and of party organisation."""
        return {
            "council": phrases(self.words.get("council_business", ())),
            "party": phrases(self.words.get("party_organisation", ())),
        }

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """Who receives it first, then what it is about."""
        audience = mail.audience
        inside = audience.everyone - audience.external
        colleagues = audience.everyone & audience.group
        if not colleagues or audience.everyone - audience.group - inside or audience.external - audience.group:
            return None
        if campaign_material(scan) or scan.has("group_business.party", OWN):
            return None
        if not scan.has("group_business.council", OWN):
            return None
        why = "All recipients are in the sender's group or council officers, and it is about council business."
        return Exemption(self.name, why)

"""A ward newsletter may go out (POL-14). Ends with election material in it; clauses leave it out in an election period.

Source: Walsall s7 and schedule.
"""

from __future__ import annotations

from mailguard.defences._shared import campaign_material, found
from mailguard.defences.defence import Defence
from mailguard.mail.evidence import Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan


class Newsletter(Defence):
    """What the rule `newsletter` saw, without election material and without a political score."""

    name = "newsletter"
    source = "Walsall s7, schedule (POL-14)"
    wakes = ("newsletter",)

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """Election material is an imprint, a leaflet, or what the judge calls political."""
        if not found(scan, "newsletter") or campaign_material(scan) or found(scan, "party_political"):
            return None
        return Exemption(self.name, "It is a ward newsletter without election material.")

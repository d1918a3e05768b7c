"""A complaint to the council's officers carries what it complains of (POL-4, POL-9, CNT-1).

What goes to officers alone is no publicity and can affect nobody's support; members are to bring offensive or doubtful
matter to them. Ends where a member or anybody outside receives it, and at more than a few addresses.

Sources: Manchester s3.1 (likely effect on those it is directed to), s6.2.2; Walsall s4; Local Government Act 1986 s2.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailguard.defences.defence import Defence
from mailguard.mail.evidence import Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import SELF, WRITTEN, Scan

MOST, MARKS = 3, 2


class Complaint(Defence):
    """To at most three addresses at the council, none of them a member's, with two different words of complaint."""

    name = "complaint"
    source = "Manchester s3.1, s6.2.2; Walsall s4; LGA 1986 s2 (POL-4, POL-9)"
    wakes = (SELF,)

    @property
    def patterns(self) -> Mapping[str, str]:
        """How members report, English and Welsh."""
        return {"report": phrases(self.words.get("complaint", ()))}

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """Who receives it first: the words are the sender's, the recipients are not."""
        audience = mail.audience
        if not audience.everyone or len(audience.everyone) > MOST or audience.external or audience.members:
            return None
        if len(scan.distinct("complaint.report", WRITTEN, MARKS)) < MARKS:
            return None
        why = "It goes to officers of the council alone, and complains of what it carries or asks about it."
        return Exemption(self.name, why)

"""A complaint to the council's officers carries what it complains of (POL-4, POL-9, CNT-1).

What goes to officers alone is no publicity and can affect nobody's support; members are to bring offensive or doubtful
matter to them. Ends where a member or anybody outside receives it, at more than a few addresses, and at one that reads
as a list's.

Sources: Manchester s3.1 (likely effect on those it is directed to), s6.2.2; Walsall s4; Local Government Act 1986 s2.
"""

from __future__ import annotations

from collections.abc import Mapping

import re2

from mailguard.defences.defence import Defence
from mailguard.mail.evidence import Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import SELF, WRITTEN, Scan

MOST, MARKS, ENOUGH = 3, 2, 12
# "Complaint" and "complaints" are one word; so many of its first letters tell it.
STEM = 6
# An address that passes on to many reaches members or the public; a desk that serves them does not.
LIST = re2.compile(
    r"(?:^|[._-])(?:all|dl|every(?:one|body)|lists?|distribution|mailing|subscribers|residents|councillors|cllrs|members"
    r"|staff|group|newsletter|bulletin)(?:[._-][^@]*)?@|^all-?(?:members|councillors|cllrs|staff|users)|@(?:lists?|groups?)\."
)
DESK = re2.compile(
    r"(?:services?|support|office|officers?|team|desk|admin|clerk|secretary|liaison|standards|complaints)@"
)


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
        if any(LIST.search(address) and not DESK.search(address) for address in audience.everyone):
            return None
        words = scan.distinct("complaint.report", WRITTEN, ENOUGH)
        if len({word.strip().removeprefix("please ")[:STEM] for word in words}) < MARKS:
            return None
        why = "It goes to officers of the council alone, and complains of what it carries or asks about it."
        return Exemption(self.name, why)

"""Name, party, ward and office in a sign-off are fact and record (POL-7, PER-4).

Ends where a slogan or appeal stands there too.

Source: Southampton D4. It saves only a mail whose every political finding lies in the signature.
"""

from __future__ import annotations

from mailguard.defences.defence import Defence
from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan

_WEAK = frozenset({"party_attack", "party_political"})


class PartyInSignature(Defence):
    """Every finding of the family in the signature, and none of them an appeal, a slogan or an imprint."""

    name = "party_in_signature"
    source = "Southampton D4 (POL-7, PER-4)"
    wakes = ("political",)

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """Nothing found is nothing to save."""
        places = {text.where for text in mail.contents.texts if text.layer is Layer.SIGNATURE}
        evidence = scan.found("political")
        if not places or not evidence:
            return None
        if all(item.where in places and item.rule in _WEAK for item in evidence):
            return Exemption(self.name, "A party is named in the sign-off alone, beside name, ward or office.")
        return None

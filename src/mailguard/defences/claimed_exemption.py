"""The sender claims that a use is allowed (POL-9). The claim goes to a person; a preset says whether it counts.

Sources: Lancashire s2.1(a),(b); Walsall s4, s6. Southampton's preset does not accept it ("unlikely to justify").
"""

from __future__ import annotations

from collections.abc import Mapping

from mailguard.defences._shared import campaign_material
from mailguard.defences.defence import Defence
from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import SELF, Scan

_OWN_WORDS = frozenset({Layer.SUBJECT, Layer.NEW})


class ClaimedExemption(Defence):
    """Words of a claim in the subject or in the new text; never with campaign material."""

    name = "claimed_exemption"
    source = "Lancashire s2.1(a),(b); Walsall s4, s6 (POL-9)"
    wakes = (SELF,)

    @property
    def patterns(self) -> Mapping[str, str]:
        """How senders claim."""
        return {"claim": phrases(self.words.get("claimed", ()))}

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """The machine does not judge the claim."""
        if campaign_material(scan) or not scan.has("claimed_exemption.claim", _OWN_WORDS):
            return None
        return Exemption(self.name, "The sender claims that this use is allowed; a person judges the claim.")

"""An emergency excuses personal use and numbers (VOL-11). Ends at campaign material and at any political score.

Source: Southampton A, B. The words are the sender's; a person may look at them afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailguard.defences._shared import campaign_material, found, wordy
from mailguard.defences.defence import Defence
from mailguard.mail.evidence import Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import phrases
from mailguard.matching.scan import OWN, SELF, Scan

LONGEST = 300


class Emergency(Defence):
    """Two distinct words of emergency in a short mail."""

    name = "emergency"
    source = "Southampton A, B (VOL-11)"
    wakes = (SELF,)

    @property
    def patterns(self) -> Mapping[str, str]:
        """Words of emergency, English and Welsh."""
        return {"word": phrases(self.words.get("emergency", ()))}

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """A newsletter that mentions floods is long, and is none."""
        said = {span.matched for span in scan.spans("emergency.word", OWN)}
        if len(said) < 2 or wordy(mail, LONGEST) or campaign_material(scan) or found(scan, "political"):
            return None
        return Exemption(self.name, "The sender writes of an emergency.")

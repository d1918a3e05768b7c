"""Use so small that a reasonable person would not count it (VOL-11).

Ends at campaign material, more than a few addressees, or size; council business, personal data and marked papers are no
private use, and nothing of them is small.

Sources: Southampton A, B, C12; the number allowed a month is counted by the gateway's store.
"""

from __future__ import annotations

from mailguard.defences._shared import campaign_material, found, wordy
from mailguard.defences.defence import Defence, Options
from mailguard.mail.evidence import Confidence, Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan

_AT_WORK = frozenset({"council", "group", "campaign"})


class DeMinimisOptions(Options):
    """What is small: addressees, words of the sender's own, decoded bytes attached."""

    addressees: int = 2
    words: int = 120
    attached: int = 1_000_000


class DeMinimis(Defence):
    """A short mail to one or two people with next to nothing attached."""

    name = "de_minimis"
    source = "Southampton A, B, C12 (VOL-11)"
    reads = (*Defence.reads, "personal_data", "protective_marking", "offensive")
    options_type = DeMinimisOptions

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """Party-political content is never small: it is disallowed regardless of numbers (POL-11)."""
        options = self.options
        assert isinstance(options, DeMinimisOptions)
        if len(mail.audience.everyone) > options.addressees or wordy(mail, options.words):
            return None
        if any(item.kind in _AT_WORK for item in scan.found("purpose")) or found(scan, "personal_data"):
            return None
        if (
            found(scan, "protective_marking")
            or campaign_material(scan)
            or found(scan, "political")
            or found(scan, "offensive", Confidence.HIGH)
        ):
            return None
        if mail.contents.attachment_bytes > options.attached:
            return None
        return Exemption(self.name, "A short mail to one or two people with little or nothing attached.")

"""A letter to the media marked "not for publication" is not publicity (POL-16).

Ends where the mark is absent or others receive it.

Source: Manchester s3.2.
"""

from __future__ import annotations

from mailguard.defences._shared import campaign_material, newsrooms
from mailguard.defences.defence import Defence
from mailguard.mail.evidence import Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan


class MediaLetter(Defence):
    """All outside recipients are newsrooms, and the mark stands in the mail."""

    name = "media_letter"
    source = "Manchester s3.2 (POL-16)"
    wakes = ("mark",)

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """Newsrooms come from `media_domains.txt`."""
        outside = mail.audience.external
        media = newsrooms(outside, self.words.get("media_domains", ()))
        marked = any(item.kind == "not_for_publication" for item in scan.found("mark"))
        if not outside or media != outside or not marked or campaign_material(scan):
            return None
        return Exemption(self.name, "It goes to newsrooms alone and is marked not for publication.")

"""A letter to the media marked "not for publication" is not publicity (POL-16).

Ends where the mark is absent or others receive it.

Source: Manchester s3.2.
"""

from __future__ import annotations

from mailguard.defences._shared import campaign_material
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
        listed = self.words.get("media_domains", ())
        names = {item for item in listed if not item.startswith("@")}
        hosts = tuple(item for item in listed if item.startswith("@"))
        outside = mail.audience.external
        media = {item for item in outside if item.endswith(hosts or "\0") or item.partition("@")[0] in names}
        marked = any(item.kind == "not_for_publication" for item in scan.found("mark"))
        if not outside or media != outside or not marked or campaign_material(scan):
            return None
        return Exemption(self.name, "It goes to newsrooms alone and is marked not for publication.")

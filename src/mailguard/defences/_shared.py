"""What several defences look at. Law: small questions about one mail, no verdicts."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mailguard.mail.contents import Layer, Text
from mailguard.mail.evidence import Confidence
from mailguard.mail.mail import Mail
from mailguard.matching.scan import OWN, WRITTEN, Scan

SENT = OWN | {Layer.FORWARDED}
STRONG = frozenset({"imprint", "campaign_leaflet"})


def wordy(mail: Mail, limit: int) -> bool:
    """True where the sender wrote more words than `limit` himself, subject included; attachments are left out."""
    left = limit
    for text in mail.contents.texts:
        if text.layer in WRITTEN:
            left -= len(text.folded.split(None, left + 1))
            if left < 0:
                return True
    return False


def sent_texts(mail: Mail) -> list[Text]:
    """The texts the sender sends as his own, forwarded ones included."""
    return [text for text in mail.contents.texts if text.layer in SENT]


def campaign_material(scan: Scan) -> bool:
    """True where a leaflet or an imprint was found: the end of casework, newsletter and others (POL-2, POL-8)."""
    return any(item.rule in STRONG and item.confidence >= Confidence.MEDIUM for item in scan.found())


def newsrooms(addresses: Iterable[str], listed: Collection[str]) -> frozenset[str]:
    """Those of the addresses that are newsrooms: by `media_domains.txt`, a name before the @ or a domain after it."""
    names = {item for item in listed if not item.startswith("@")}
    hosts = tuple(item for item in listed if item.startswith("@")) or "\0"
    return frozenset(item for item in addresses if item.endswith(hosts) or item.partition("@")[0] in names)


def replies(mail: Mail) -> bool:
    """True where the mail answers another: by header fields, or by its subject."""
    headers = mail.contents.headers
    if headers.first("in-reply-to") or headers.first("references"):
        return True
    subject = headers.first("subject").lower()
    return subject.startswith(("re:", "ateb:"))


def found(scan: Scan, rule: str, at_least: Confidence = Confidence.MEDIUM) -> bool:
    """True where the rule or family found something of that level."""
    return any(item.confidence >= at_least for item in scan.found(rule))

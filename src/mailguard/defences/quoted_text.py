"""Only the new text is judged: what a reply quotes is another's (POL-5).

A forwarded leaflet is sent on, and is not quoted.

Source: Manchester s6.2.3.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailguard.defences._shared import found
from mailguard.defences.defence import Defence
from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.scan import SELF, Scan

_QUOTED = frozenset({Layer.QUOTED})
_NAMED = r"\b(?:vote|votes|campaign|candidate|election|party|manifesto|leaflet|promoted by|pleidlais|etholiad)\b"


class QuotedText(Defence):
    """Politics stands in quoted text, and the new and forwarded text has none at MEDIUM."""

    name = "quoted_text"
    source = "Manchester s6.2.3 (POL-5)"
    wakes = (SELF,)

    @property
    def patterns(self) -> Mapping[str, str]:
        """What shows politics in the quoted part."""
        return {"politics": _NAMED}

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """It says why the mail passes; it lifts nothing found in the sender's own words."""
        if not scan.has("quoted_text.politics", _QUOTED) or found(scan, "political"):
            return None
        return Exemption(self.name, "Politics stands in quoted text alone; the new text has none.")

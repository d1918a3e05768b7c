"""Says which parts could not be read, and why. Law: could not read is its own finding, not clean and not guilty.

Source: SEC-2 (password archives), SEC-11 (nothing concealed); RFC 2046, 5.2.2 (message/partial). What S/MIME or OpenPGP
encrypts to its recipient's key is no finding; what a password closes is one, however strong its cipher: nobody could
look inside, and the password mostly follows by the same way. A picture that may show words is a low one, on which no
preset acts: whether such mail is held until somebody has looked is a clause's choice.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailguard.mail.contents import Part, State
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.filetype import LOGO, PICTURES
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.rules.rule import Rule

KINDS = {State.LOCKED: "locked", State.BROKEN: "broken", State.LATE: "late", State.OVER_LIMIT: "over_limit"}
SAYS = {
    "password": "is closed by a password, so nobody could look inside",
    "locked": "is locked by a password or a method that is no accepted encryption",
    "broken": "is damaged or of a form that cannot be read",
    "late": "could not be read in time",
    "over_limit": "is larger, deeper or more packed than may be read",
}


class Unreadable(Rule):
    """Kinds: `password`, `locked`, `broken`, `late`, `over_limit`, `picture`, `malformed` (the mail), `partial`."""

    name = "unreadable"
    family = "unreadable"
    source = "SEC-2; SEC-11; RFC 2046, 5.2.2"

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """One finding a part, one for the structure, one for a fragment."""
        contents = mail.contents
        for part in contents.unreadable:
            kind = "password" if part.password else KINDS[part.state]
            reason = f" ({part.why})" if part.why else ""
            why = f"The part {SAYS[kind]}{reason}."
            yield self.finding(part.name or f"part {part.path}", Confidence.HIGH, why, count=1, kind=kind)
        shown = [part for part in contents.parts if _unread_picture(part)]
        if shown:
            why = "Pictures may show words, and no words were read in them."
            yield self.finding(shown[0].name or "pictures", Confidence.LOW, why, count=len(shown), kind="picture")
        if contents.defects:
            listed = "; ".join(dict.fromkeys(contents.defects))
            why = f"The mail's structure is ambiguous or broken: {listed}."
            yield self.finding("mail", Confidence.HIGH, why, count=len(contents.defects), kind="malformed")
        if contents.partial:
            why = "The mail is one fragment of a longer one (message/partial), so its whole cannot be read."
            yield self.finding("mail", Confidence.HIGH, why, count=1, kind="partial")


def _unread_picture(part: Part) -> bool:
    return part.state is State.NO_TEXT and part.kind in PICTURES and part.size >= LOGO

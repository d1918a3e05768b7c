"""Sees mail to the sender's own private address. Law: a fact about recipients; the preset says what it is worth.

Source: Manchester guidance s6.2.2 and Walsall protocol p8 (SEC-3); Southampton's guidance C12(c) allows forwarding.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.fold import fold
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.rules.rule import Options, Rule, Tools

TITLES = frozenset({"cllr", "councillor", "mr", "mrs", "ms", "miss", "mx", "dr", "sir", "dame", "rev", "cyng"})


class OwnPrivateAddress(Rule):
    """Kinds: `registered` for an address in the members' list, `same_name` for a free-mail address of that name."""

    name = "own_private_address"
    family = "security"
    source = "SEC-3; Manchester s6.2.2; Walsall p8"

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        self.free = frozenset(tools.words.get("freemail", ()))

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Registered addresses are sure; a free-mail address that bears first name and surname is likely."""
        own = mail.audience.own_private
        if own:
            why = "A recipient is the sender's own private address, as registered."
            yield self.finding("envelope", Confidence.HIGH, why, things=own, kind="registered")
        name = mail.sender.member.folded_name
        alike = {address for address in mail.audience.external - own if self.same_name(address, name)}
        if alike:
            why = "A recipient is a free-mail address that bears the sender's own name."
            yield self.finding("envelope", Confidence.MEDIUM, why, things=alike, kind="same_name")

    def same_name(self, address: str, name: str) -> bool:
        """True where the local part holds the surname, and the first name or begins or ends with its initial."""
        local, _, domain = address.rpartition("@")
        if domain not in self.free:
            return False
        names = [word for word in name.replace("-", " ").split() if word.strip(".") not in TITLES]
        if len(names) < 2 or len(names[-1]) < 3:
            return False
        first, last = names[0], names[-1]
        letters = "".join(character for character in fold(local) if character.isalpha())
        if last not in letters:
            return False
        rest = letters.replace(last, "", 1)
        return first in rest or rest in {first[0], first[:1] + "".join(word[0] for word in names[1:-1])}

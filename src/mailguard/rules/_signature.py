"""Whose a signature is. Law: it is the sender's, but where another signs a letter that the sender passes on.

A resident's letter pasted into a mail ends with the resident's name, home and telephone. It is told by how its writer
speaks of himself ("I am a resident", "in your ward") and by a name that shares no word with the member's; another name
alone tells nothing, for members sign as they are called. Who writes for the member, and who signs for an office, is no
such writer.
"""

from __future__ import annotations

from collections.abc import Iterator

from mailguard.mail.contents import Layer, Text
from mailguard.mail.mail import Mail
from mailguard.matching.scan import EVERYWHERE, Scan, Span
from mailguard.rules._contact import contacts_of, own_words, words_of
from mailguard.rules._letter import by_resident
from mailguard.rules.rule import Rule, Tools

LAYERS = EVERYWHERE - {Layer.DISCLAIMER}
BODY = frozenset({Layer.NEW})


class Signatures:
    """Tells the signatures of others from the sender's own, for the rules that look for telephones, mail and homes."""

    def __init__(self, tools: Tools) -> None:
        self._names, self._contacts = tools.names, contacts_of(tools)

    def strange(self, mail: Mail, scan: Scan) -> frozenset[int]:
        """The ids of the signature texts that are another's; found once a mail."""
        return scan.once("signatures.strange", lambda: frozenset(map(id, self._strange(mail))))

    def spans(self, rule: Rule, mail: Mail, scan: Scan, pattern: str) -> Iterator[Span]:
        """The matches of a rule's expression that stand outside the sender's own signature."""
        for span in rule.spans(scan, pattern, LAYERS):
            if span.text.layer is not Layer.SIGNATURE or id(span.text) in self.strange(mail, scan):
                yield span

    def _strange(self, mail: Mail) -> Iterator[Text]:
        signatures = [text for text in mail.contents.texts if text.layer is Layer.SIGNATURE]
        if not signatures or mail.sender.delegate:
            return
        if not any(text.layer in BODY and by_resident(text.folded) for text in mail.contents.texts):
            return
        own = own_words(mail)
        for text in signatures:
            signed = [text.content[name.start : name.end] for name in self._names.find(text.content)]
            if (
                signed
                and not self._contacts.of_office(text.folded)
                and not any(words_of(name) & own for name in signed)
            ):
                yield text

"""OpenPGP files. Law: only packets of an encrypted message are encryption; an armour line alone is not.

RFC 9580, by `mail.crypto`.
"""

from __future__ import annotations

import re

from mailguard.mail.contents import State
from mailguard.mail.crypto import sealed
from mailguard.mail.crypto_armour import unsealed
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.txt import decode

_KEY = re.compile(
    rb"\s*-----BEGIN PGP (?:PUBLIC KEY BLOCK|SIGNATURE)-----[A-Za-z0-9+/=\s:.,()@<>-]*-----END PGP [A-Z ]+-----\s*"
)
_LABELLED = "labelled OpenPGP, but not an encrypted message"
_MESSAGE = re.compile(rb"-----BEGIN PGP MESSAGE-----[^-]*-----END PGP MESSAGE-----")


def read(data: bytes, out: Reading) -> None:
    """Read an OpenPGP file into `out`. Raises Refused."""
    if reason := sealed(data):
        out.refuse(State.ENCRYPTED, reason)
        return
    # Words beside an encrypted message are no less open for it.
    beside, blocks = unsealed(data)
    out.text(decode(beside))
    for block in blocks:
        out.unread("message.pgp", len(block), State.ENCRYPTED, "an OpenPGP message", kind="pgp")
    others = _MESSAGE.findall(beside)
    for block in others:
        out.unread("message.pgp", len(block), State.BROKEN, _LABELLED, kind="pgp")
    if not blocks and not others and not _KEY.fullmatch(data):
        out.refuse(State.BROKEN, _LABELLED)

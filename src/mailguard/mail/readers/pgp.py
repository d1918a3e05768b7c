"""OpenPGP files. Law: only packets of an encrypted message are encryption; an armour line alone is not.

RFC 9580, by `mail.crypto`.
"""

from __future__ import annotations

import re

from mailguard.mail.contents import State
from mailguard.mail.crypto import sealed
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.txt import decode

_KEY = re.compile(
    rb"\s*-----BEGIN PGP (?:PUBLIC KEY BLOCK|SIGNATURE)-----[A-Za-z0-9+/=\s:.,()@<>-]*-----END PGP [A-Z ]+-----\s*"
)
_MESSAGE = re.compile(rb"-----BEGIN PGP MESSAGE-----[^-]*-----END PGP MESSAGE-----")
READABLE = 200_000


def read(data: bytes, out: Reading) -> None:
    """Read an OpenPGP file into `out`. Raises Refused."""
    if reason := sealed(data):
        out.refuse(State.ENCRYPTED, reason)
        return
    out.text(decode(data[:READABLE]))
    blocks = [match.group() for match in _MESSAGE.finditer(data)]
    for block in blocks:
        # Words beside an encrypted message are no less open for it.
        out.unread("message.pgp", len(block), *_state(block), kind="pgp")
    if not blocks and not _KEY.fullmatch(data):
        out.refuse(State.BROKEN, "labelled OpenPGP, but not an encrypted message")


def _state(block: bytes) -> tuple[State, str]:
    if reason := sealed(block):
        return State.ENCRYPTED, reason
    return State.BROKEN, "labelled OpenPGP, but not an encrypted message"

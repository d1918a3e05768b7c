"""OpenPGP files. Law: only packets of an encrypted message are encryption; an armour line alone is not.

RFC 9580, by `mail.crypto`.
"""

from __future__ import annotations

import re

from mailguard.mail.contents import State
from mailguard.mail.crypto import sealed
from mailguard.mail.readers.document import Reading

_KEY = re.compile(
    rb"\s*-----BEGIN PGP (?:PUBLIC KEY BLOCK|SIGNATURE)-----[A-Za-z0-9+/=\s:.,()@<>-]*-----END PGP [A-Z ]+-----\s*"
)
READABLE = 200_000


def read(data: bytes, out: Reading) -> None:
    """Read an OpenPGP file into `out`. Raises Refused."""
    if reason := sealed(data):
        out.refuse(State.ENCRYPTED, reason)
        return
    if data.isascii():
        out.text(data[:READABLE].decode("ascii"))
    if not _KEY.fullmatch(data):
        out.refuse(State.BROKEN, "labelled OpenPGP, but not an encrypted message")

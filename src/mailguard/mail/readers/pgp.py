"""OpenPGP files. Law: only packets of an encrypted message are encryption; what is only signed or packed is read.

RFC 9580, by `mail.crypto`.
"""

from __future__ import annotations

import re

from mailguard.mail.contents import State
from mailguard.mail.crypto import sealed
from mailguard.mail.crypto_armour import messages, unsealed
from mailguard.mail.crypto_open import opened
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
    if _open(data, out):
        return
    # Words beside an encrypted message are no less open for it.
    beside, blocks = unsealed(data)
    out.text(decode(beside))
    for block in blocks:
        out.unread("message.pgp", len(block), State.ENCRYPTED, "an OpenPGP message", kind="pgp")
    others = _MESSAGE.findall(beside)
    for block in others:
        if not any(_open(packets, out) for packets in messages(block)):
            out.unread("message.pgp", len(block), State.BROKEN, _LABELLED, kind="pgp")
    if not blocks and not others and not _KEY.fullmatch(data):
        out.refuse(State.BROKEN, _LABELLED)


def _open(data: bytes, out: Reading) -> bool:
    """Read what a message without encryption holds; False for anything else."""
    found = opened(data, out.budget.limits.inflated)
    if found is None:
        return False
    name, content = found
    out.budget.inflate(len(content))
    out.member(name or "message", content)
    return True

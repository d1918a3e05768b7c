"""Encrypted Office files. Law: a password a person must know is encryption; the password Excel itself knows is not.

MS-OFFCRYPTO by msoffcrypto: agile, standard, RC4, RC4 CryptoAPI, XOR. "VelvetSweatshop" is Excel's own default
password for protected workbooks (MS-OFFCRYPTO 2.4.2): anybody's Excel opens such a file without asking.
"""

from __future__ import annotations

import io
import struct

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers.document import Reading

DEFAULT = "VelvetSweatshop"
_ERRORS = (
    DecryptionError, FileFormatError, InvalidKeyError, ParseError, OSError, ValueError, KeyError, AttributeError,
    struct.error, IndexError, TypeError, NotImplementedError, AssertionError,
)  # fmt: skip


def opened(data: bytes, out: Reading) -> bytes:
    """`data` if it is not encrypted, or what the default password gives. Raises Refused(ENCRYPTED)."""
    try:
        office = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not office.is_encrypted():
            return data
    except _ERRORS:
        return data
    try:
        office.load_key(password=DEFAULT, verify_password=True)
        plain = io.BytesIO()
        office.decrypt(plain)
    except Exception as error:  # the library raises anything here, and each means: not with this password
        raise Refused(State.ENCRYPTED, "encrypted with a password") from error
    out.budget.inflate(plain.tell())
    return plain.getvalue()


def read(data: bytes, out: Reading) -> None:
    """Read an encrypted OOXML package where the default password opens it. Raises Refused(ENCRYPTED)."""
    plain = opened(data, out)
    if plain is data:
        raise Refused(State.ENCRYPTED, "encrypted, by a password or rights management")
    out.member(out.name, plain)

"""Is this truly encrypted, and what does a signature hold? Law: a label is not enough; what is signed only is read.

Sources: RFC 5652 (CMS), RFC 8551 (S/MIME), RFC 3156 and RFC 9580 (OpenPGP). What reads CMS is imported by the first
bytes that can be such: most processes never meet any.
"""

from __future__ import annotations

import re

from mailguard.mail.crypto_armour import armoured, packets_encrypted
from mailguard.mail.transfer import looks_base64, unbase64

_PEM = re.compile(rb"\s*-----BEGIN (?:PKCS7|CMS|PKCS #7 SIGNED DATA)-----\s([A-Za-z0-9+/=\s]+)-----END")
LONGEST = 100_000_000


def sealed(data: bytes) -> str:
    """Why these bytes count as encrypted ("S/MIME enveloped data", "an OpenPGP message"), or "".

    The declared type is not asked. Signed, compressed, or labelled-only content is not encryption. Never raises.
    """
    if reason := armoured(data):
        return reason
    if data[:1] and data[0] & 0x80 and packets_encrypted(data):
        return "an OpenPGP message"
    if der := _der(data):
        from mailguard.mail import crypto_cms

        return crypto_cms.sealed(der)
    return ""


def cms_kind(data: bytes) -> str:
    """The CMS content type by its asn1crypto name ("signed_data", "enveloped_data", ...), or "" for other bytes."""
    if der := _der(data):
        from mailguard.mail import crypto_cms

        return crypto_cms.kind(der)
    return ""


def inside(data: bytes) -> bytes | None:
    """The MIME entity in signed or compressed CMS data; None where there is none, or it cannot be taken out."""
    if der := _der(data):
        from mailguard.mail import crypto_cms

        return crypto_cms.inside(der)
    return None


def _der(data: bytes) -> bytes:
    """BER bytes, unwrapped from PEM or from base64 that no header declares; b"" where they cannot be CMS."""
    if data[:1] == b"\x30":
        return data
    if found := _PEM.match(data[:LONGEST]):
        return unbase64(found[1])
    if data[:2] == b"MI" and looks_base64(data):
        return unbase64(data)
    return b""

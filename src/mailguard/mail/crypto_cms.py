"""CMS data (S/MIME): its kind, whether it is truly encrypted, and what it signs. Law: broken DER is no CMS.

Sources: RFC 5652, RFC 5083, RFC 8551.
"""

from __future__ import annotations

import zlib

from asn1crypto import cms, core

from mailguard.mail.crypto_armour import looks_random

# What parsers of broken DER raise (asn1crypto parses lazily, so any access may).
_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
INFLATED = 100_000_000
SEALED = {
    "enveloped_data": "S/MIME enveloped data",
    "authenticated_enveloped_data": "S/MIME authenticated enveloped data",
}


def kind(der: bytes) -> str:
    """The content type by its asn1crypto name ("signed_data", "enveloped_data", ...), or ""."""
    try:
        return str(cms.ContentInfo.load(der)["content_type"].native)
    except _BROKEN:
        return ""


def sealed(der: bytes) -> str:
    """Why it counts as encrypted, or ""."""
    try:
        info = cms.ContentInfo.load(der)
        found = str(info["content_type"].native)
        if found not in SEALED:
            return ""
        content = info["content"]
        name = "encrypted_content_info" if found == "enveloped_data" else "auth_encrypted_content_info"
        recipients, sealed_content = content["recipient_infos"], content[name]
        octets = sealed_content["encrypted_content"].native
        good = len(recipients) > 0 and isinstance(octets, bytes) and looks_random(octets)
        return SEALED[found] if good else ""
    except _BROKEN:
        return ""


def inside(der: bytes) -> bytes | None:
    """The MIME entity in signed or compressed data; None where there is none, or it cannot be taken out."""
    try:
        info = cms.ContentInfo.load(der)
        found = info["content_type"].native
        if found not in ("signed_data", "compressed_data"):
            return None
        content = info["content"]["encap_content_info"]["content"]
        octets = None if isinstance(content, core.Void) else content.native
        if not isinstance(octets, bytes):
            octets = content.parsed.dump() if octets is not None else None
        if octets and found == "compressed_data":
            return zlib.decompressobj().decompress(octets, INFLATED)
        return octets or None
    except (*_BROKEN, zlib.error):
        return None

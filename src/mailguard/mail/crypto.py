"""Is this truly encrypted, and what does a signature hold? Law: a label is not enough; what is signed only is read.

Sources: RFC 5652 and RFC 5083 (CMS), RFC 8551 (S/MIME), RFC 3156 and RFC 9580 (OpenPGP).
"""

from __future__ import annotations

import re
import zlib

from asn1crypto import cms, core

from mailguard.mail.crypto_armour import armoured, looks_random, packets_encrypted
from mailguard.mail.transfer import looks_base64, unbase64

# What parsers of broken DER raise (asn1crypto parses lazily, so any access may).
_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
_PEM = re.compile(rb"\s*-----BEGIN (?:PKCS7|CMS|PKCS #7 SIGNED DATA)-----\s([A-Za-z0-9+/=\s]+)-----END")
INFLATED = 100_000_000
SEALED = {
    "enveloped_data": "S/MIME enveloped data",
    "authenticated_enveloped_data": "S/MIME authenticated enveloped data",
}


def sealed(data: bytes) -> str:
    """Why these bytes count as encrypted ("S/MIME enveloped data", "an OpenPGP message"), or "".

    The declared type is not asked. Signed, compressed, or labelled-only content is not encryption. Never raises.
    """
    if reason := armoured(data):
        return reason
    if data[:1] and data[0] & 0x80 and packets_encrypted(data):
        return "an OpenPGP message"
    der = _der(data)
    return _cms_sealed(der) if der else ""


def cms_kind(data: bytes) -> str:
    """The CMS content type by its asn1crypto name ("signed_data", "enveloped_data", ...), or "" for other bytes."""
    der = _der(data)
    if not der:
        return ""
    try:
        return str(cms.ContentInfo.load(der)["content_type"].native)
    except _BROKEN:
        return ""


def inside(data: bytes) -> bytes | None:
    """The MIME entity in signed or compressed CMS data; None where there is none, or it cannot be taken out."""
    der = _der(data)
    if not der:
        return None
    try:
        info = cms.ContentInfo.load(der)
        kind = info["content_type"].native
        if kind not in ("signed_data", "compressed_data"):
            return None
        content = info["content"]["encap_content_info"]["content"]
        octets = None if isinstance(content, core.Void) else content.native
        if not isinstance(octets, bytes):
            octets = content.parsed.dump() if octets is not None else None
        if octets and kind == "compressed_data":
            return zlib.decompressobj().decompress(octets, INFLATED)
        return octets or None
    except (*_BROKEN, zlib.error):
        return None


def _der(data: bytes) -> bytes:
    """BER bytes, unwrapped from PEM or from base64 that no header declares; b"" where they cannot be CMS."""
    if data[:1] == b"\x30":
        return data
    if found := _PEM.match(data[:INFLATED]):
        return unbase64(found[1])
    if data[:2] == b"MI" and looks_base64(data):
        return unbase64(data)
    return b""


def _cms_sealed(der: bytes) -> str:
    try:
        info = cms.ContentInfo.load(der)
        kind = str(info["content_type"].native)
        if kind not in SEALED:
            return ""
        content = info["content"]
        name = "encrypted_content_info" if kind == "enveloped_data" else "auth_encrypted_content_info"
        recipients, sealed_content = content["recipient_infos"], content[name]
        octets = sealed_content["encrypted_content"].native
        good = len(recipients) > 0 and isinstance(octets, bytes) and looks_random(octets)
        return SEALED[kind] if good else ""
    except _BROKEN:
        return ""

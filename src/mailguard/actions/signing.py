"""DKIM: tells what a signature covers, and signs what mailguard changed or wrote (RFC 6376, by dkimpy).

Law: no field a valid signature covers is ever changed. dkimpy is pure Python and slow, so it runs in a thread; it and
its resolver are imported by the first mail that needs them, for most gateways never sign.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from mailguard.mail.message import Message

DNS_SECONDS = 5
_QUIET = logging.Logger("dkim", logging.CRITICAL + 1)  # dkimpy logs domains and selectors
_SIGNATURE = re.compile(rb"(?im)^dkim-signature:((?:[^\r\n]|\r\n[ \t])*)")
_COVERED = re.compile(rb"(?is)(?:^|;)\s*h\s*=([^;]*)")

Dns = Callable[[bytes, int], bytes | None]


def signed_fields(head: bytes) -> list[frozenset[str]]:
    """For each DKIM-Signature in the header, the names (lower case) of the fields it covers."""
    signatures = []
    for match in _SIGNATURE.finditer(head):
        tag = _COVERED.search(match.group(1))
        names = re.sub(rb"\s+", b"", tag.group(1)).decode("ascii", "replace") if tag else ""
        signatures.append(frozenset(name.lower() for name in names.split(":") if name))
    return signatures


async def covers(message: Message, name: str, dns: Dns | None = None) -> bool:
    """True where a signature that verifies, or could not be checked for want of DNS, covers the field `name`."""
    indexes = [index for index, names in enumerate(signed_fields(message.head)) if name.lower() in names]
    if not indexes:
        return False
    return await asyncio.to_thread(_any_valid, message.read(), indexes, dns)


def _any_valid(data: bytes, indexes: list[int], dns: Dns | None) -> bool:
    from dkim.dnsplug import get_txt

    return any(_valid(data, index, dns or get_txt) for index in indexes)


def _valid(data: bytes, index: int, dns: Dns) -> bool:
    """True unless the signature was checked against its key and failed; a key that cannot be had proves nothing."""
    import dkim

    keys: list[bytes] = []

    def lookup(name: bytes, timeout: int = DNS_SECONDS) -> bytes | None:
        key = dns(name, timeout)
        if key:
            keys.append(key)
        return key

    try:
        return bool(dkim.DKIM(data, logger=_QUIET, timeout=DNS_SECONDS).verify(index, dnsfunc=lookup)) or not keys
    except (dkim.MessageFormatError, dkim.ValidationError):
        return False
    except dkim.DKIMException:
        return True


@dataclass(frozen=True)
class Signer:
    """Signs for one domain. `key` is a PEM RSA key, or base64 Ed25519 seed where `algorithm` says so (RFC 8463)."""

    domain: str
    selector: str
    key: bytes = field(repr=False)
    algorithm: str = "rsa-sha256"

    async def sign(self, message: Message) -> Message:
        """The message with our DKIM-Signature in front."""
        line = await asyncio.to_thread(self._signature, message.read())
        return message.with_field(line)

    def _signature(self, data: bytes) -> bytes:
        import dkim

        signed: bytes = dkim.sign(
            data,
            self.selector.encode(),
            self.domain.encode(),
            self.key,
            signature_algorithm=self.algorithm.encode(),
            canonicalize=(b"relaxed", b"relaxed"),
            linesep=b"\r\n",
        )
        return signed if signed.endswith(b"\r\n") else signed + b"\r\n"

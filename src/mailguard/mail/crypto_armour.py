"""Is it truly encrypted, OpenPGP? Law: a label is not enough; the packets must be those of an encrypted message.

Source: RFC 9580 (5.1, 5.3, 5.7, 5.13: packet tags 1, 3, 9, 18, 20; 6: armour).
"""

from __future__ import annotations

import re
import zlib

from mailguard.mail.transfer import unbase64

MESSAGE = b"-----BEGIN PGP MESSAGE-----"
# Words among the lines, or behind the checksum, are no part of it: whoever opens the mail reads them.
_ARMOUR = re.compile(
    rb"-----BEGIN PGP MESSAGE-----[ \t]*\r?\n((?:[A-Za-z-]+: [^\r\n]*\r?\n)*)[ \t]*\r?\n"
    rb"((?:[A-Za-z0-9+/]*={0,2}[ \t]*\r?\n)+)(?:=[A-Za-z0-9+/]{4}[ \t]*\r?\n(?:[ \t]*\r?\n)*)?-----END PGP MESSAGE-----"
)
_HEADER_WORDS = re.compile(rb"[A-Za-z-]+: [^\r\n]*[A-Za-z\x80-\xff]{2},? [A-Za-z\x80-\xff]{2}")
SIGNATURE = re.compile(
    rb"\s*-----BEGIN PGP SIGNATURE-----[ \t]*\r?\n(?:[A-Za-z-]+: [^\r\n]*\r?\n)*[ \t]*\r?\n[A-Za-z0-9+/=\s]{20,8000}"
    rb"-----END PGP SIGNATURE-----\s*"
)
KEYS, SEALED = frozenset({1, 3}), frozenset({9, 18, 20})
PASSED_OVER = frozenset({10, 21})  # markers and padding
# RFC 9580, 5.1, 5.3, 5.13 and 5.16 (version 2 of session keys: PGP 2).
_VERSIONS = {1: b"\x02\x03\x06", 3: b"\x04\x05\x06", 18: b"\x01\x02", 20: b"\x01"}
_ANY = bytes(range(256))
SAMPLE = 65_536


def armoured(data: bytes) -> str:
    """Why `data` counts as encrypted: it is one whole armoured OpenPGP message and nothing beside it; else ""."""
    beside, blocks = unsealed(data)
    return "an OpenPGP message" if len(blocks) == 1 and not beside.strip() else ""


def unsealed(data: bytes) -> tuple[bytes, list[bytes]]:
    """What stands beside the encrypted messages, their header lines of words too; and the messages. Linear."""
    if MESSAGE not in data:
        return data, []
    beside, blocks, at = [], [], 0
    for match in _ARMOUR.finditer(data):
        lines = match[2].split()
        # All lines but the last are of one length: words that stand there one a line are not.
        if len({len(line) for line in lines[:-1]}) <= 1 and packets_encrypted(unbase64(match[2])):
            said = [line for line in match[1].splitlines(keepends=True) if _HEADER_WORDS.match(line)]
            beside += [data[at : match.start()], *said]
            blocks.append(match.group())
            at = match.end()
    return b"".join([*beside, data[at:]]), blocks


def packets_encrypted(data: bytes) -> bool:
    """True where the packets are session keys followed by encrypted data that reaches to the end."""
    at, keys = 0, 0
    while at < len(data):
        found = packet(data, at)
        if found is None:
            return False
        tag, body, following = found
        if not _versioned(data, tag, body):
            return False
        if tag in SEALED:
            return keys > 0 and following >= len(data) and looks_random(data[body:])
        if tag in KEYS:
            keys += 1
        elif tag not in PASSED_OVER:
            return False
        at = following
    return False


def packets_begin(head: bytes) -> bool:
    """False where the first bytes already tell that `packets_encrypted` of the whole would be False."""
    found = packet(head, 0) if head else None
    return found is not None and found[0] in KEYS | PASSED_OVER and _versioned(head, *found[:2])


def _versioned(data: bytes, tag: int, body: int) -> bool:
    """A text that begins with an accented letter looks like a packet, but for its version."""
    return data[body : body + 1] in _VERSIONS.get(tag, _ANY)


def messages(data: bytes) -> list[bytes]:
    """The packets of each armoured message in a text."""
    return [unbase64(match[2]) for match in _ARMOUR.finditer(data)] if MESSAGE in data else []


def packet(data: bytes, at: int) -> tuple[int, int, int] | None:
    """One packet: tag, offset of the body and offset after it (partial lengths reach to the end)."""
    first = data[at]
    if not first & 0x80 or at + 2 > len(data):
        return None
    if not first & 0x40:
        size = {0: 1, 1: 2, 2: 4}.get(first & 3)
        if size is None:
            return (first >> 2) & 15, at + 1, len(data)
        length = int.from_bytes(data[at + 1 : at + 1 + size], "big")
        return (first >> 2) & 15, at + 1 + size, at + 1 + size + length
    octet = data[at + 1]
    if octet < 192:
        return first & 63, at + 2, at + 2 + octet
    if octet < 224:
        if at + 3 > len(data):
            return None
        return first & 63, at + 3, at + 3 + ((octet - 192) << 8) + data[at + 2] + 192
    if octet == 255:
        return first & 63, at + 6, at + 6 + int.from_bytes(data[at + 2 : at + 6], "big")
    return first & 63, at + 2, len(data)


def looks_random(data: bytes) -> bool:
    """False where the bytes can be packed: encrypted data cannot (tested from 256 bytes on)."""
    sample = data[:SAMPLE]
    return len(sample) < 256 or len(zlib.compress(sample, 1)) > 0.92 * len(sample)

"""Files packed as text in a text: uuencode, BinHex, yEnc, open OpenPGP. Law: what cannot be decoded stays text.

Sources: POSIX `uuencode` (see `uuencode`), RFC 1741 (BinHex 4.0), yEnc draft 1.3, RFC 9580 (OpenPGP).
"""

from __future__ import annotations

import binascii
import re

from mailguard.mail.crypto_armour import messages
from mailguard.mail.crypto_open import opened
from mailguard.mail.uuencode import UuFile, files

# Classes that follow one another share no sign, so that no text is tried in more ways than one.
_HQX = re.compile(rb"\(This file must be converted with BinHex[^\r\n]*[\r\n]\s*:([^:]+)(:?)", re.IGNORECASE)
_HQX_SIGNS = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_BASE64_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_AS_BASE64 = bytes.maketrans(_HQX_SIGNS, _BASE64_SIGNS)
_NO_HQX = bytes(sign for sign in range(256) if sign not in _HQX_SIGNS)
_REPEAT = b"\x90"
HEAD = 4096
MOST = 20_000_000
"""Bytes that runs may make of a file: a letter's worth of them makes hundreds of megabytes."""
_YENC = re.compile(rb"^=ybegin ([^\r\n]*)\r?\n(?:=ypart [^\r\n]*\r?\n)?", re.MULTILINE)
_YEND = re.compile(rb"^=yend ", re.MULTILINE)
_YSHIFT = bytes((value - 42) % 256 for value in range(256))
_YESCAPE = re.compile(rb"=(.)", re.DOTALL)


def packed_files(data: bytes) -> list[UuFile]:
    """Every file packed in `data`. Linear; never raises."""
    found: list[UuFile] = []
    if b"begin " in data:
        found += files(data)
        if b"=ybegin " in data:
            found += _yenc(data)
    if b"be converted with BinHex" in data:
        found += _binhex(data)
    # What a signed or packed message holds is the reader's of such files to take out.
    found += [
        UuFile("message.pgp", packets, 0, 0, complete=True)
        for packets in messages(data)
        if opened(packets, HEAD) is not None
    ]
    return found


def _binhex(data: bytes) -> list[UuFile]:
    found = []
    for match in _HQX.finditer(data):
        file = _unrepeated(_octets(match[1]))
        if len(file) < 22 or not 0 < file[0] < 64 or len(file) < file[0] + 22:
            continue
        head = file[0] + 2
        size = int.from_bytes(file[head + 10 : head + 14], "big")
        start = head + 20
        name = file[1 : head - 1].decode("mac_roman")
        whole = len(file) >= start + size
        found.append(UuFile(name, bytes(file[start : start + size]), match.start(), match.end(), whole))
    return found


def _octets(text: bytes) -> bytes:
    """Six bits a sign, as in base64 with other signs."""
    signs = text.translate(_AS_BASE64, _NO_HQX)
    # A sign left over holds no octet of its own.
    signs = signs[: len(signs) - (len(signs) % 4 == 1)]
    return binascii.a2b_base64(signs + b"=" * (-len(signs) % 4))


def _unrepeated(data: bytes) -> bytearray:
    """Runs undone: a byte, 0x90, and how often it stands; 0x90 and nought is 0x90 itself. Cut short over MOST."""
    plain = bytearray()
    at = 0
    while (mark := data.find(_REPEAT, at, len(data) - 1)) >= 0 and len(plain) <= MOST:
        plain += data[at:mark]
        count = data[mark + 1]
        plain += plain[-1:] * (count - 1) if count else _REPEAT
        at = mark + 2
    return plain if len(plain) > MOST else plain + data[at:]


def _yenc(data: bytes) -> list[UuFile]:
    found = []
    begins = list(_YENC.finditer(data))
    # A file ends where the next begins, at the latest: else each start without an end reads all that follows.
    limits = [*(begin.start() for begin in begins), len(data)][1:]
    for match, limit in zip(begins, limits, strict=True):
        _, named, name = match[1].partition(b"name=")
        if not named:
            continue
        end = _YEND.search(data, match.end(), limit)
        stop = end.start() if end else limit
        lines = data[match.end() : stop].replace(b"\r", b"").replace(b"\n", b"")
        # An escaped sign has 64 added besides.
        plain = _YESCAPE.sub(lambda sign: bytes([(sign[1][0] - 64) % 256]), lines).translate(_YSHIFT)
        found.append(UuFile(name.strip().decode("utf-8", "replace"), plain, match.start(), stop, end is not None))
    return found

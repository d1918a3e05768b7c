"""Files packed as text in a text: uuencode, BinHex, yEnc. Law: what cannot be decoded stays text.

Sources: POSIX `uuencode` (see `uuencode`), RFC 1741 (BinHex 4.0), yEnc draft 1.3.
"""

from __future__ import annotations

import re

from mailguard.mail.uuencode import UuFile, files

_HQX = re.compile(rb"\(This file must be converted with BinHex[^\r\n]*\s+:([^:]+)(:?)", re.IGNORECASE)
_HQX_SIGNS = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_SIX = {sign: value for value, sign in enumerate(_HQX_SIGNS)}
_REPEAT = 0x90
_YENC = re.compile(rb"^=ybegin [^\r\n]*?name=([^\r\n]*)\r?\n(?:=ypart [^\r\n]*\r?\n)?", re.MULTILINE)
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
    value = bits = 0
    octets = bytearray()
    for sign in text:
        if (six := _SIX.get(sign)) is None:
            continue
        value, bits = (value << 6 | six) & 0x3FFF, bits + 6
        if bits >= 8:
            bits -= 8
            octets.append(value >> bits & 0xFF)
    return bytes(octets)


def _unrepeated(data: bytes) -> bytearray:
    """Runs undone: a byte, 0x90, and how often it stands; 0x90 and nought is 0x90 itself."""
    plain = bytearray()
    at = 0
    while at < len(data):
        if data[at] == _REPEAT and at + 1 < len(data):
            count = data[at + 1]
            plain += plain[-1:] * (count - 1) if count else b"\x90"
            at += 2
        else:
            plain.append(data[at])
            at += 1
    return plain


def _yenc(data: bytes) -> list[UuFile]:
    found = []
    for match in _YENC.finditer(data):
        end = _YEND.search(data, match.end())
        stop = end.start() if end else len(data)
        lines = data[match.end() : stop].replace(b"\r", b"").replace(b"\n", b"")
        # An escaped sign has 64 added besides.
        plain = _YESCAPE.sub(lambda sign: bytes([(sign[1][0] - 64) % 256]), lines).translate(_YSHIFT)
        name = match[1].strip().decode("utf-8", "replace")
        found.append(UuFile(name, plain, match.start(), stop, end is not None))
    return found

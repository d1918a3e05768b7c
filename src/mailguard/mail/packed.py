"""Rarer archives, and archives behind a program, by their bytes. Law: a mark counts only with what must follow it.

Sources: LZ4 frame format, RFC 8478 (zstd), lzip manual, xz-utils lzma-file-format, POSIX pax (tar, cpio), ECMA-119
(ISO 9660), 7zFormat.txt, RAR 5.0 archive format; the marks of the rest as `file` 5.44 knows them.
"""

from __future__ import annotations

import re
import zlib

_MARKS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x28\xb5\x2f\xfd", "zst"),
    (0, b"\x04\x22\x4d\x18", "lz4"),
    (0, b"LZIP\x01", "lz"),
    (0, b"\x1f\x9d\x90", "compress"),
    (0, b"xar!\x00\x1c", "xar"),
    (0, b"\xed\xab\xee\xdb", "rpm"),
    (257, b"ustar", "tar"),
    (0x8001, b"CD001", "iso"),
    (7, b"**ACE**", "ace"),
    (0, b"MSWIM\x00\x00\x00", "wim"),
    (0, b"conectix", "vhd"),
    (0, b"vhdxfile", "vhd"),
    (0, b"StuffIt (c)", "sit"),
    (0, b"PAR1", "parquet"),
    (0, b"\xffWPC", "wordperfect"),
    (0, b"\x00\x00\x1a\x00\x00\x10\x04\x00", "lotus"),
    (0, b"\x00\x00\x02\x00\x06\x04\x06\x00", "lotus"),
    (0, b"$FL2@(#)", "spss"),
    (0, b"ITSF\x02\x00\x00\x00", "chm"),
    (0, b"ITSF\x03\x00\x00\x00", "chm"),
    (0, b"\xdb\xa5\x2d\x00", "word-2"),
    (0, b"\x31\xbe\x00\x00", "write"),
    (0, b"\x32\xbe\x00\x00", "write"),
    (0, b"\x89LZO\x00\r\n\x1a\n", "lzop"),
    (0, b"LRZI", "lrzip"),
    (0, b"GRZipII\x00", "grzip"),
    (0, b"ZOO ", "zoo"),
    (0, b"AT&TFORM", "djvu"),
    (60, b"BOOKMOBI", "mobi"),
    (60, b"TEXtREAd", "mobi"),
    (0, b"\xcf\xad\x12\xfe", "dbx"),
    (0, b"\xd0\xcf\x11\xe0\x0e\x11\xfc\x0d", "ole-beta"),
    (0, b"ISc(", "installshield"),
)
# What libarchive unpacks: whole archives, and single files that are only compressed.
ARCHIVES = frozenset({"xar", "rpm", "tar", "iso", "cpio", "lha"})
COMPRESSED = frozenset({"zst", "lz4", "lz", "lzma", "compress"})
UNREAD = {
    "ace": "an ACE archive",
    "arj": "an ARJ archive",
    "wim": "a Windows disk image",
    "vhd": "a disk image",
    "dmg": "an Apple disk image",
    "sit": "a StuffIt archive",
    "parquet": "a Parquet table",
    "wordperfect": "a WordPerfect document",
    "lotus": "a Lotus 1-2-3 workbook",
    "spss": "an SPSS data file",
    "chm": "a compiled help file",
    "word-2": "a Word document older than Word 6",
    "write": "a Windows Write document",
    "lzop": "a file compressed by lzop",
    "lrzip": "a file compressed by lrzip",
    "grzip": "a file compressed by grzip",
    "zoo": "a ZOO archive",
    "djvu": "a DjVu document",
    "mobi": "a Mobipocket book",
    "dbx": "an Outlook Express folder",
    "ole-beta": "a document of Office before 97",
    "installshield": "an InstallShield archive",
}
_CPIO = re.compile(rb"07070[12][0-9A-Fa-f]{104}|070707[0-7]{70}")
_LHA = re.compile(rb"..-(?:l[hz][0-9dsx]|pm[0-2s])-", re.DOTALL)
_OCTAL = re.compile(rb"[ 0]*([0-7]{1,7})[ \0]")
_SFX = 2_000_000
_SEVEN, _RAR, _RAR5 = b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"


def kind(data: bytes) -> str:
    """One of ARCHIVES, COMPRESSED or UNREAD, or ""."""
    data = _unskipped(data)
    for at, mark, name in _MARKS:
        if data[at : at + len(mark)] == mark:
            return name
    if _CPIO.match(data) or data[:2] in {b"\xc7\x71", b"\x71\xc7"}:
        return "cpio"
    if _LHA.match(data):
        return "lha"
    if data[:3] == b"]\x00\x00" and (data[5:13] == b"\xff" * 8 or data[10:13] == bytes(3)):
        return "lzma"
    if data[:2] == b"\x60\xea" and int.from_bytes(data[2:4], "little") <= 2600:
        return "arj"
    if data[-512:-508] == b"koly":
        return "dmg"
    return "tar" if _old_tar(data) else ""


def _unskipped(data: bytes) -> bytes:
    """What stands behind frames that zstd and lz4 readers pass over (RFC 8878, 3.1.2)."""
    at = 0
    while data[at + 1 : at + 4] == b"\x2a\x4d\x18" and data[at] & 0xF0 == 0x50:
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "little")
    return data[at : at + 64] if at else data


def _old_tar(data: bytes) -> bool:
    """A tar file without the POSIX mark: the sum of its first header is right."""
    head = data[:512]
    found = _OCTAL.match(head[148:157]) if len(head) == 512 and head[0] else None
    return found is not None and int(found[1], 8) == sum(head[:148]) + 8 * 32 + sum(head[156:])


def behind(data: bytes) -> tuple[str, int]:
    """A rar or 7z archive behind a program that unpacks it, and where it begins; ("", 0) if there is none."""
    for mark, name, holds in ((_SEVEN, "7z", _is_seven), (_RAR5, "rar", _is_rar5), (_RAR, "rar", _is_rar)):
        at = data.find(mark, 0, _SFX)
        while at >= 0:
            if holds(data[at : at + 64]):
                return name, at
            at = data.find(mark, at + 1, _SFX)
    return "", 0


def _is_seven(head: bytes) -> bool:
    return head[8:12] == zlib.crc32(head[12:32]).to_bytes(4, "little")


def _is_rar5(head: bytes) -> bool:
    size = head[12] if len(head) > 12 else 0
    return 0 < size < 50 and head[8:12] == zlib.crc32(head[12 : 13 + size]).to_bytes(4, "little")


def _is_rar(head: bytes) -> bool:
    return head[9:10] == b"\x73" and head[7:9] == (zlib.crc32(head[9:20]) & 0xFFFF).to_bytes(2, "little")

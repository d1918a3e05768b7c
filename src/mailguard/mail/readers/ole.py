"""OLE compound files: what they are, and what is packed in them. Law: every stream that can hold a file is looked into.

MS-CFB; MS-OLEDS 2.2 for `\\x01Ole10Native` packages; MS-OFFCRYPTO 2.3 for encrypted packages.
"""

from __future__ import annotations

import io
import re
import struct

import olefile

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers import codepages, ole_pack
from mailguard.mail.readers.document import Reading

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = (
    ("EncryptedPackage", "office-encrypted"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("__properties_version1.0", "msg"),
    ("Package", "ole-package"),
    ("\x01Ole10Native", "ole-package"),
    ("VisioDocument", "visio"),
    ("Quill", "publisher"),
)
# Streams that tell a whole document of Office.
_WHOLE = frozenset({
    "WordDocument", "Workbook", "Book", "PowerPoint Document", "EncryptedPackage", "VisioDocument", "Quill",
    "__properties_version1.0",
})  # fmt: skip
_DRM = re.compile(r"DRMEncrypted|\x06DataSpaces", re.I)
_WIDE = re.compile(rb"(?:[\x20-\x7e\t\r\n\xa0-\xff]\x00){5,}")
_NARROW = re.compile(rb"[\x20-\x7e\t\r\n\xa0-\xff]{5,}")
PROPERTIES = 200
_NARROW_TYPE, _WIDE_TYPE = 30, 31
_CODE_PAGE, _LATIN = 1, 1252


def opened(data: bytes) -> olefile.OleFileIO:
    """The compound file. Raises Refused(BROKEN)."""
    try:
        return olefile.OleFileIO(io.BytesIO(data))
    except (OSError, ValueError, struct.error, IndexError) as error:
        raise Refused(State.BROKEN, "the compound file is broken") from error


def kind(data: bytes) -> str:
    """Which format the compound file is: "doc", "xls", "ppt", "msg", "office-encrypted", ... or "ole"."""
    with opened(data) as file:
        for name, found in _STREAMS:
            if file.exists(name):
                return found
    return "ole"


def stream(file: olefile.OleFileIO, path: str | list[str], out: Reading) -> bytes:
    """The bytes of a stream under the budget, or b"" if there is none; one that is cut short is named."""
    if not file.exists(path):
        return b""
    data: bytes = file.openstream(path).read()
    if len(data) < file.get_size(path):
        out.refuse(State.BROKEN, "the compound file is damaged: a stream of it is cut short")
    out.budget.inflate(len(data))
    return data


def properties(file: olefile.OleFileIO, out: Reading) -> None:
    """Document properties as text: all strings of its streams (MS-OLEPS 2.21; olefile's own reader can spin)."""
    lines: list[str] = []
    for name in ("\x05SummaryInformation", "\x05DocumentSummaryInformation"):
        try:
            lines += _strings(stream(file, name, out))
        except (struct.error, ValueError, IndexError):
            continue
    out.text("\n".join(lines), "document properties")


def _strings(data: bytes) -> list[str]:
    found: list[str] = []
    page = 0
    for section in range(min(struct.unpack_from("<I", data, 24)[0], 2) if data else 0):
        start = struct.unpack_from("<I", data, 28 + 20 * section + 16)[0]
        count = min(struct.unpack_from("<I", data, start + 4)[0], PROPERTIES)
        for number in range(count):
            at = start + struct.unpack_from("<I", data, start + 8 + 8 * number + 4)[0]
            kind, size = struct.unpack_from("<II", data, at)
            if struct.unpack_from("<I", data, start + 8 + 8 * number)[0] == _CODE_PAGE:
                page = size & 0xFFFF
            elif kind in {_NARROW_TYPE, _WIDE_TYPE}:
                wide = kind == _WIDE_TYPE
                raw = data[at + 8 : at + 8 + size * (2 if wide else 1)]
                found.append(raw.decode("utf-16-le", "replace") if wide else codepages.text(raw, page or _LATIN))
    values = [value.rstrip("\0") for value in found]
    return [value for value in values if value.strip()]


def embedded(file: olefile.OleFileIO, out: Reading, within: tuple[str, ...] = ()) -> None:
    """Read files packed in storages of `file` below `within` (ObjectPool, MBD storages, Ole10Native, Package)."""
    done: set[tuple[str, ...]] = set()
    paths = file.listdir(streams=True, storages=False)
    for path in paths:
        parent = tuple(path[:-1])
        if not parent or parent[: len(within)] != within or any(parent[: len(seen)] == seen for seen in done):
            continue
        leaf = path[-1]
        if leaf == "\x01Ole10Native":
            name, content = package(stream(file, path, out))
            done.add(parent)
            out.hide("embedded object")
            out.member(name or "object", content)
        elif leaf in {"Package", "CONTENTS"}:
            done.add(parent)
            out.hide("embedded object")
            out.member("object", stream(file, path, out))
        elif leaf in _WHOLE:
            done.add(parent)
            out.hide("embedded object")
            _object(file, paths, parent, out)


def _object(file: olefile.OleFileIO, paths: list[list[str]], storage: tuple[str, ...], out: Reading) -> None:
    """A document of Office that is a storage of this file: read as a file of its own."""
    inner = {tuple(path[len(storage) :]): path for path in paths if tuple(path[: len(storage)]) == storage}
    streams = {short: stream(file, path, out) for short, path in inner.items()}
    try:
        out.member("object", ole_pack.pack(streams))
    except ValueError:
        out.unread("object", sum(map(len, streams.values())), State.OVER_LIMIT, "an embedded object is too large")


def package(data: bytes) -> tuple[str, bytes]:
    """Name and bytes of an Ole10Native stream, with or without its leading size; ("", data) if it is something else."""
    for start in (4, 0):
        try:
            flag = struct.unpack_from("<H", data, start)[0]
            if flag != 2:
                continue
            at = start + 2
            label_end = data.index(b"\0", at)
            path_end = data.index(b"\0", label_end + 1)
            at = path_end + 1 + 4
            length = struct.unpack_from("<I", data, at)[0]
            at += 4 + length
            size = struct.unpack_from("<I", data, at)[0]
            return data[start + 2 : label_end].decode("cp1252", "replace"), data[at + 4 : at + 4 + size]
        except (ValueError, struct.error):
            continue
    return "", data


def scrape(data: bytes) -> str:
    """Runs of printable characters, wide and narrow: the last resort for formats nobody reads."""
    wide = [match.group().decode("utf-16-le") for match in _WIDE.finditer(data)]
    narrow = [match.group().decode("cp1252", "replace") for match in _NARROW.finditer(data)]
    return "\n".join(wide + narrow)


def read(data: bytes, out: Reading) -> None:
    """Read a compound file of no known application: what is packed in it, and its printable text."""
    with opened(data) as file:
        properties(file, out)
        for path in file.listdir(streams=True, storages=False):
            if len(path) == 1 and path[0] in {"Package", "CONTENTS", "\x01Ole10Native"}:
                content = stream(file, path, out)
                name, inner = package(content)
                out.member(name or "object", inner)
        embedded(file, out)
        if not out.parts:
            out.text(scrape(data))

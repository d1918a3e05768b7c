"""What a winmail.dat holds (TNEF). Law: bytes that nothing came out of are named; silence is never "empty".

Sources: MS-OXTNEF; tnefparse decodes, this module checks that all was seen.
"""

from __future__ import annotations

import logging
import re
import struct
from dataclasses import dataclass, field
from typing import Any

import compressed_rtf
from compressed_rtf.crc32 import crc32
from tnefparse import TNEF

SIGNATURE = b"\x78\x9f\x3e\x22"

# What the library raises on broken attributes.
_BROKEN = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, LookupError, OverflowError, RecursionError,
    UnboundLocalError, struct.error,
)  # fmt: skip
_NAMELESS = "attachment"
# A stream this short may hold nothing but its version.
EMPTY = 256
DEPTH = 5


@dataclass
class Winmail:
    """Bodies and files of one TNEF stream. `why` says what could not be read, "" where all of it was."""

    subject: str = ""
    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    rtf: bytes = field(default=b"", repr=False)
    properties: str = field(default="", repr=False)
    files: list[tuple[str, bytes]] = field(default_factory=list, repr=False)
    messages: list[Winmail] = field(default_factory=list, repr=False)
    why: str = ""

    @property
    def nothing(self) -> bool:
        """True where not one body, file or message came out."""
        return not (self.text or self.html or self.rtf or self.properties or self.files or self.messages)


class _Faults(logging.Handler):
    """tnefparse tells of a property it cannot decode by its logger alone."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


def extract(data: bytes, depth: int = 0) -> Winmail:
    """Read a TNEF stream, messages inside included. Never raises; call it where untrusted parsers run (law 7)."""
    if not data.startswith(SIGNATURE):
        return Winmail(why="not a TNEF stream")
    found, faults = Winmail(), _Faults()
    logger = logging.getLogger("tnefparse")
    logger.addHandler(faults)
    propagate, logger.propagate = logger.propagate, False
    try:
        parsed = TNEF(data, do_checksum=False)
        _bodies(parsed, found)
        for attachment in parsed.attachments:
            _attachment(attachment, found, depth)
    except _BROKEN as error:
        found.why = f"the TNEF stream is broken ({type(error).__name__})"
    finally:
        logger.removeHandler(faults)
        logger.propagate = propagate
    if not found.why:
        found.why = _truncated(data) or ("a property of the TNEF stream is broken" if faults.count else "")
    if found.nothing and not found.why and len(data) > EMPTY:
        found.why = "nothing came out of the TNEF stream"
    return found


def _truncated(data: bytes) -> str:
    """Walk the attributes' lengths: the library stops without a word where one reaches past the end."""
    at = 6
    while at + 11 <= len(data):
        at += struct.unpack_from("<I", data, at + 5)[0] + 11
    return "the TNEF stream is cut off" if at > len(data) or len(data) - at > 2 else ""


def _bodies(parsed: Any, found: Winmail) -> None:
    found.text = _text(parsed.body)
    found.html = _text(parsed.htmlbody)
    if packed := _bytes(parsed._rtfbody):
        found.rtf = _unpacked(packed)
        if not found.rtf:
            found.why = "the rich text of the TNEF stream is broken"
    kind = ""
    for item in parsed.msgprops:
        if item.name == TNEF.ATTSUBJECT:
            found.subject = _text(item.data)
        elif item.name == TNEF.ATTMESSAGECLASS:
            kind = _text(item.data)
    if "note" not in kind.lower():
        # Contacts, distribution lists and appointments say what they say in properties.
        found.properties = "\n".join(text for item in parsed.mapiprops if (text := _text(item.data)) and len(text) > 1)


def _unpacked(packed: bytes) -> bytes:
    """Compressed RTF (MS-OXRTFCP), also where its checksum is wrong: Outlook's own are at times."""
    # tnefparse cuts NULs at the end of a property, and with them half of the end mark.
    packed += bytes(4)
    for crc in (packed[12:16], _checksum(packed)):
        try:
            return bytes(compressed_rtf.decompress(packed[:12] + crc + packed[16:]))
        except Exception:  # noqa: S112  the library raises bare Exception; what comes out is asked for next
            continue
    return b""


def _checksum(packed: bytes) -> bytes:
    if packed[8:12] != b"LZFu":
        return bytes(4)
    size = int.from_bytes(packed[:4], "little") - 12
    return struct.pack("<I", crc32(packed[16 : 16 + size]))


def _attachment(attachment: Any, found: Winmail, depth: int) -> None:
    data = _bytes(attachment.data)
    name = _name(attachment)
    if data.startswith(SIGNATURE) and depth < DEPTH:
        found.messages.append(extract(data, depth + 1))
        if found.messages[-1].why:
            found.why = found.messages[-1].why
    elif data:
        found.files.append((name, data))


def _name(attachment: Any) -> str:
    try:
        name = _text(attachment.long_filename()) or _text(attachment._name)
    except _BROKEN:
        name = ""
    return re.split(r"[/\\]", name)[-1].strip("\x00 ") or _NAMELESS


def _bytes(value: Any) -> bytes:
    """A property's value: bytes, or a list of them."""
    if isinstance(value, (list, tuple)):
        value = b"".join(item for item in value if isinstance(item, bytes))
    return value if isinstance(value, bytes) else b""


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "".join(_text(item) for item in value)
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8").strip("\x00")
        except UnicodeDecodeError:
            return value.decode("cp1252", "replace").strip("\x00")
    return value.strip("\x00") if isinstance(value, str) else ""

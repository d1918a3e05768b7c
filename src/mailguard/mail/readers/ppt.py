"""PowerPoint 97-2003 files. Law: text of slides, notes and comments is read record by record.

MS-PPT 2.3.1 (record header), TextCharsAtom 4000, TextBytesAtom 4008, CString 4026, SlideShowSlideInfoAtom 1017,
BinaryTagDataBlob 5003 (an atom with records in it: comments), ExOleObjStg 0x1011 (embedded files).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from mailguard.mail.contents import State
from mailguard.mail.readers import escher, locked, ole
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.zipbox import inflated

_CHARS, _BYTES, _CSTRING = 4000, 4008, 4026
_SLIDE, _NOTES, _MASTER, _COMMENT, _SHOW = 1006, 1008, 1016, 12000, 1017
_BLOB, _OBJECT = 5003, 0x1011
_STORIES = {_SLIDE: "slides", _NOTES: "slide notes", _COMMENT: "comments", _MASTER: "layouts"}
_HIDDEN = {"slide notes": "slide notes", "comments": "comment"}
_DEPTH = 24
_USER_EDIT, _EDITS = 4085, 200


def read(data: bytes, out: Reading) -> None:
    """Read a PowerPoint 97-2003 file into `out`. Raises Refused."""
    data = locked.opened(data, out)
    with ole.opened(data) as file:
        ole.properties(file, out)
        content = ole.stream(file, "PowerPoint Document", out)
        stories: dict[str, list[str]] = {}
        objects: list[bytes] = []
        comments = hidden = 0
        for kind, story, body in _all(content, ole.stream(file, "Current User", out)):
            if kind in {_CHARS, _CSTRING}:
                stories.setdefault(story, []).append(body.decode("utf-16-le", "replace"))
            elif kind == _BYTES:
                stories.setdefault(story, []).append(body.decode("latin-1"))
            elif kind == _COMMENT:
                comments += 1
            elif kind == _OBJECT:
                objects.append(body)
            elif kind == _SHOW and len(body) > 11 and body[10] & 0x04:
                hidden += 1
        for story, pieces in stories.items():
            out.text("\n".join(pieces).replace("\r", "\n").replace("\x0b", "\n"), story, _HIDDEN.get(story, ""))
        out.hide("comments", comments)
        out.hide("slide notes", len([1 for piece in stories.get("slide notes", []) if piece.strip(" *\r\n")]))
        out.hide(f"{hidden} hidden slides" if hidden > 1 else "hidden slide", hidden)
        out.text(escher.words(content), "drawings")
        for number, body in enumerate(objects, 1):
            _embedded(body, number, out)
        if not stories:
            out.text(ole.scrape(content))
        if not out.texts:
            out.refuse(State.BROKEN, "no text could be found in the PowerPoint file")
        ole.embedded(file, out)


def _all(content: bytes, user: bytes) -> Iterator[tuple[int, str, bytes]]:
    """All records: one after another, and those that the directory of the last saves points to besides.

    Some programs leave gaps between them, which nothing but the directory tells (MS-PPT 2.1.2).
    """
    seen: set[int] = set()
    for start in (0, *_directory(content, user)):
        at = start
        while at not in seen and at + 8 <= len(content):
            seen.add(at)
            stop = min(at + 8 + struct.unpack_from("<I", content, at + 4)[0], len(content))
            yield from records(content, at, stop, "")
            at = stop


def _directory(content: bytes, user: bytes) -> list[int]:
    """Where the records stand that the persist directories name (UserEditAtom 4085, PersistDirectoryAtom 6002)."""
    found: list[int] = []
    edit = struct.unpack_from("<I", user, 16)[0] if len(user) >= 20 else 0
    for _ in range(_EDITS):
        if edit + 28 > len(content) or struct.unpack_from("<H", content, edit + 2)[0] != _USER_EDIT:
            break
        edit, at = struct.unpack_from("<II", content, edit + 16)
        if at + 12 <= len(content):
            stop = min(at + 8 + struct.unpack_from("<I", content, at + 4)[0], len(content) - 3)
            at += 8
            while at + 4 <= stop:
                count = struct.unpack_from("<I", content, at)[0] >> 20
                found += struct.unpack_from(f"<{min(count, (stop - at - 4) // 4)}I", content, at + 4)
                at += 4 + 4 * count
        if not edit:
            break
    return found


def _embedded(body: bytes, number: int, out: Reading) -> None:
    """An object of another program: a compound file, packed or as it is (ExOleObjStg, MS-PPT 2.10.34)."""
    if not body.startswith(ole.MAGIC):
        body = inflated(body[4:], out.budget)
    if not body.startswith(ole.MAGIC):
        out.unread(f"object {number}", len(body), State.BROKEN, "an embedded object is damaged")
        return
    out.hide("embedded object")
    out.member(f"object {number}", body)


def records(data: bytes, at: int, end: int, story: str, depth: int = 0) -> Iterator[tuple[int, str, bytes]]:
    """All records as (type, story, body); containers are given with an empty body before what is in them."""
    while at + 8 <= end:
        version, kind, length = struct.unpack_from("<HHI", data, at)
        stop = min(at + 8 + length, end)
        if (version & 0xF == 0xF or kind == _BLOB) and depth < _DEPTH:
            yield kind, story, b""
            yield from records(data, at + 8, stop, _STORIES.get(kind, story), depth + 1)
        else:
            yield kind, story, data[at + 8 : stop]
        at = stop

"""PowerPoint 97-2003 files. Law: text of slides, notes and comments is read record by record.

MS-PPT 2.3.1 (record header), TextCharsAtom 4000, TextBytesAtom 4008, CString 4026, SlideShowSlideInfoAtom 1017,
BinaryTagDataBlob 5003 (an atom with records in it: comments).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from mailguard.mail.contents import State
from mailguard.mail.readers import locked, ole
from mailguard.mail.readers.document import Reading

_CHARS, _BYTES, _CSTRING = 4000, 4008, 4026
_SLIDE, _NOTES, _MASTER, _COMMENT, _SHOW = 1006, 1008, 1016, 12000, 1017
_BLOB = 5003
_STORIES = {_SLIDE: "slides", _NOTES: "slide notes", _COMMENT: "comments", _MASTER: "layouts"}
_HIDDEN = {"slide notes": "slide notes", "comments": "comment"}
_DEPTH = 24


def read(data: bytes, out: Reading) -> None:
    """Read a PowerPoint 97-2003 file into `out`. Raises Refused."""
    data = locked.opened(data, out)
    with ole.opened(data) as file:
        ole.properties(file, out)
        content = ole.stream(file, "PowerPoint Document", out)
        stories: dict[str, list[str]] = {}
        comments = hidden = 0
        for kind, story, body in records(content, 0, len(content), ""):
            if kind in {_CHARS, _CSTRING}:
                stories.setdefault(story, []).append(body.decode("utf-16-le", "replace"))
            elif kind == _BYTES:
                stories.setdefault(story, []).append(body.decode("latin-1"))
            elif kind == _COMMENT:
                comments += 1
            elif kind == _SHOW and len(body) > 11 and body[10] & 0x04:
                hidden += 1
        for story, pieces in stories.items():
            out.text("\n".join(pieces).replace("\r", "\n").replace("\x0b", "\n"), story, _HIDDEN.get(story, ""))
        out.hide("comments", comments)
        out.hide("slide notes", len([1 for piece in stories.get("slide notes", []) if piece.strip(" *\r\n")]))
        out.hide(f"{hidden} hidden slides" if hidden > 1 else "hidden slide", hidden)
        if not stories:
            out.text(ole.scrape(content))
        if not out.texts:
            out.refuse(State.BROKEN, "no text could be found in the PowerPoint file")
        ole.embedded(file, out)


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

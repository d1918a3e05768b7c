"""Apple's binary property lists, web archives among them. Law: every string is text, every piece of data a file."""

from __future__ import annotations

import plistlib
from typing import Any

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers.document import Reading

_DEPTH = 40
_SHORT = 64  # bytes of a value that holds no file: keys, hashes, stamps
_PAGE = "WebResourceData"


def read(data: bytes, out: Reading) -> None:
    """Read a property list into `out`. Raises Refused."""
    try:
        value = plistlib.loads(data, fmt=plistlib.FMT_BINARY)
    except (plistlib.InvalidFileException, ValueError, OverflowError) as error:
        raise Refused(State.BROKEN, "the property list is broken") from error
    lines: list[str] = []
    _walk(value, lines, out, 0, set())
    out.text("\n".join(lines))


def _walk(value: Any, lines: list[str], out: Reading, depth: int, seen: set[int]) -> None:
    """Values may be shared: each is read once, or a small file would unfold to a large one."""
    if isinstance(value, (dict, list)):
        if id(value) in seen or depth > _DEPTH:
            return
        seen.add(id(value))
    if isinstance(value, dict):
        declared = str(value.get("WebResourceMIMEType", ""))
        for key, inner in value.items():
            if key == _PAGE and isinstance(inner, bytes):
                out.member(str(value.get("WebResourceURL", "")).rpartition("/")[2] or "page", inner, declared)
            else:
                lines.append(f"{key}:")
                _walk(inner, lines, out, depth + 1, seen)
    elif isinstance(value, list):
        for inner in value:
            _walk(inner, lines, out, depth + 1, seen)
    elif isinstance(value, bytes):
        if len(value) > _SHORT:
            out.member("data", value)
    else:
        lines.append(str(value))

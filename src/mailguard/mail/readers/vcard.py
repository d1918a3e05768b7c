"""vCard and iCalendar files. Law: folded and quoted-printable lines are undone before anybody matches them.

RFC 6350 and RFC 5545, 3.1 (folding); vCard 2.1 uses quoted-printable.
"""

from __future__ import annotations

import base64
import quopri
import re

from mailguard.mail.contents import State
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.txt import decode

_FOLD = re.compile(r"\r?\n[ \t]")
_SOFT = re.compile(r"=\r?\n")
_ESCAPE = re.compile(r"\\([nN,;\\])")
_KEY = re.compile(r"^([A-Za-z-]+)((?:;[^:\n]{0,200})?):", re.M)
_BASE64 = re.compile(r"base64|encoding=b", re.IGNORECASE)
_WHO = re.compile(r';CN="?([^";:]{1,200})', re.IGNORECASE)
_FILE_NAME = re.compile(r';(?:X-)?FILENAME="?([^";:]{1,200})', re.IGNORECASE)
_BULKY = frozenset({"PHOTO", "LOGO", "SOUND", "KEY", "ATTACH"})


def read(data: bytes, out: Reading) -> None:
    """Read cards or a calendar into `out`; cards are a table of people too."""
    lines: list[str] = []
    people: list[list[str]] = []
    text = decode(data)
    if "QUOTED-PRINTABLE" in text.upper():
        text = _SOFT.sub("", text)
    for line in _FOLD.sub("", text).splitlines():
        key, params, value = _parted(line)
        if key in _BULKY and _BASE64.search(params + value[:30]):
            if key == "ATTACH":
                _file(params, value, out)
            continue
        if "QUOTED-PRINTABLE" in params.upper():
            value = quopri.decodestring(value.encode("utf-8", "replace")).decode("utf-8", "replace")
        value = _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)
        who = _WHO.search(params)
        lines.append(f"{key}: {who[1]} {value}" if who else f"{key}: {value}" if key else value)
        if key == "BEGIN" and value.strip().upper() == "VCARD":
            people.append(["", "", "", ""])
        elif people and key in _COLUMNS:
            place = _COLUMNS.index(key)
            people[-1][place] = " ".join(filter(None, [people[-1][place], value.replace(";", " ").strip()]))
    if people:
        out.table([_HEADINGS, *people], len(people) + 1)
    out.text("\n".join(lines))


_COLUMNS = ("FN", "TEL", "EMAIL", "ADR")
_HEADINGS = ["Name", "Telephone", "Email", "Address"]


def _file(params: str, value: str, out: Reading) -> None:
    """A file that stands in an invitation itself."""
    named = _FILE_NAME.search(params)
    try:
        content = base64.b64decode(value.rpartition(",")[2], validate=False)
    except ValueError:
        out.unread("attachment", len(value), State.BROKEN, "a file in the calendar is damaged")
        return
    out.hide("embedded file")
    out.member(named[1] if named else "attachment", content)


def _parted(line: str) -> tuple[str, str, str]:
    match = _KEY.match(line)
    if not match:
        return "", "", line
    return match[1].upper(), match[2], line[match.end() :]

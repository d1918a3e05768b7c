"""Windows' numbers of charsets as Python knows them. Law: a number nobody knows is read as UTF-8, else Windows-1252.

MS-UCODEREF 2.2.1; Outlook writes them in messages (PidTagMessageCodepage, PidTagInternetCodepage).
"""

from __future__ import annotations

import codecs

from mailguard.mail.headers import charset_text

_NAMES = {
    936: "gb18030", 10000: "mac_roman", 20127: "ascii", 20866: "koi8-r", 20932: "euc_jp", 20936: "gb2312",
    21866: "koi8-u", 50220: "iso2022_jp", 50221: "iso2022_jp", 50222: "iso2022_jp", 50225: "iso2022_kr",
    51932: "euc_jp", 51936: "gb2312", 51949: "euc_kr", 52936: "hz", 54936: "gb18030", 65000: "utf-7", 65001: "utf-8",
    1200: "utf-16-le", 1201: "utf-16-be",
}  # fmt: skip
_ISO = range(28591, 28607)


def charset(number: int) -> str:
    """Python's name for a code page, or ""."""
    name = _NAMES.get(number) or (f"iso8859-{number - 28590}" if number in _ISO else f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""


def text(data: bytes, number: int) -> str:
    """`data` in the code page `number`."""
    return charset_text(data, charset(number))

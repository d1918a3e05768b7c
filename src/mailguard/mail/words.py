"""The words of a text, for telling whether two texts say the same. Law: what looks like two words is never one.

Forms of one mail differ in line ends, bullets and quotation marks; a mark that no reader sees parts words here and
joins them for him, so texts with such marks are only the same where they are so sign by sign.
"""

from __future__ import annotations

import re

from mailguard.mail.fold import INVISIBLE

_WORD = re.compile(r"[^\W_]+")
_OTHERS = bytes(code for code in range(128) if not chr(code).isalnum())
_ASCII = bytes(code if chr(code).isalnum() else 32 for code in range(128)) + bytes(range(128, 256))


def words(text: str) -> list[str]:
    """Runs of letters and digits. ASCII, by far the most, is parted by a table: a tenth of what the regex takes."""
    return text.encode().translate(_ASCII).decode().split() if text.isascii() else _WORD.findall(text)


def letters(text: str) -> bytes:
    """Letters and digits alone: equal for the same words however they are parted, wrapped or marked up."""
    return (
        text.encode().translate(None, _OTHERS)
        if text.isascii()
        else "".join(_WORD.findall(text)).encode("utf-8", "replace")
    )


def same(one: str, other: str) -> bool:
    """True where both say the same words, whatever stands between them."""
    if one.split() == other.split():
        return True
    # A form twice as long says more.
    if not len(one) // 2 <= len(other) <= 2 * len(one):
        return False
    if not (one.isascii() and other.isascii()) and (INVISIBLE.search(one) or INVISIBLE.search(other)):
        return False
    return words(one.casefold()) == words(other.casefold())

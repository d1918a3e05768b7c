"""The words of a text, for telling whether two texts say the same. Law: what looks like two words is never one.

Forms of one mail differ in line ends, bullets and quotation marks. A mark that no reader sees, or that sits on the
letter before it, parts words here and joins them for him, so texts with such marks are only the same where they are so
sign by sign. The signs that addresses, dates and numbers are made of belong to the word they stand in.
"""

from __future__ import annotations

import re
import unicodedata

from mailguard.mail.fold import INVISIBLE

_WORD = re.compile(r"[^\W_]+")
_JOINED = re.compile(r"[^\W_]+(?:[-@./:]+[^\W_]+)*")
JOINTS = "-@./:"
_OTHERS = bytes(code for code in range(128) if not chr(code).isalnum())
_ASCII = bytes(code if chr(code).isalnum() or chr(code) in JOINTS else 32 for code in range(128))
_ASCII += bytes(range(128, 256))


def words(text: str) -> list[str]:
    """Runs of letters and digits, with the signs that join them within: "jo@example.org", "01/02/1980".

    ASCII, by far the most, is parted by a table: a fraction of what the regex takes.
    """
    if not text.isascii():
        return _JOINED.findall(text)
    return [kept for word in text.encode().translate(_ASCII).decode().split() if (kept := word.strip(JOINTS))]


def clings(sign: str) -> bool:
    """True for a sign that no reader sees, or that sits on the one before it."""
    return not sign.isascii() and (unicodedata.category(sign)[0] == "M" or INVISIBLE.match(sign) is not None)


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
    if not (one.isascii() and other.isascii()) and any(map(clings, {*one, *other})):
        return False
    return words(one.casefold()) == words(other.casefold())

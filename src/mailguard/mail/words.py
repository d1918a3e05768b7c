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
# What parts a number; a line end in a long line of running words is where a program wrapped it.
_PARTED = re.compile(r"(?:\d|\b[A-Z]{2})([^\w]+)(?=\d|[A-Z]\b)")
_NEXT = re.compile(r"\n\d")
_WRAPPED = re.compile(
    r"(?m)^([^\t|\n]{50,}[ (:#](?:[A-Z]{2}|[A-Z]{0,2}\d{1,5}[A-Z]{0,2})) ?\r?\n(?=\d[\dA-Z]{0,5}\b(?!,\S|[;|\t]))"
)
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
    """True where both say the same words and numbers, whatever else stands between them."""
    if one == other:
        return True
    if one.split() == other.split():
        return _parts(one) == _parts(other)
    # A form twice as long says more.
    if not len(one) // 2 <= len(other) <= 2 * len(one):
        return False
    if not (one.isascii() and other.isascii()) and any(map(clings, {*one, *other})):
        return False
    return words(one.casefold()) == words(other.casefold()) and _parts(one) == _parts(other)


def _parts(text: str) -> list[str]:
    """What stands between the figures of numbers, line ends apart from blanks."""
    return ["".join(gap.split()) + "\n" if "\n" in gap else gap for gap in _PARTED.findall(text)]


def cuts(before: str, gap: str, after: str) -> bool:
    """True where a gap that is no blank may stand within a number."""
    if gap == " " or not (before.isdigit() or before.isupper()):
        return False
    return after[0].isdigit() or (after[0].isupper() and not after[1:2].isalpha())


def unwrapped(text: str) -> str:
    """A plain text with numbers whole that a program wrapped at the end of a line: "... number 943 476", "5919"."""
    return _WRAPPED.sub(r"\1 ", text) if _NEXT.search(text) else text

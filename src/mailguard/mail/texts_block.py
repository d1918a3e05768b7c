"""The block of name, office and contacts that ends a letter without closing words. Law: office and contacts, or none.

Outlook puts a signature under every mail without a delimiter. It is told by a councillor's name alone on its line, or a
name with an office in the lines below, and by what stands under it in short lines: council, ward, telephone, addresses.
A resident's name and address at the end of a letter hold no office, and stay text.
"""

from __future__ import annotations

import re

SHORTEST, LONGEST = 5, 70
LINES = 10
MARKS = 2
TRIES = 1000
"""Names of one text below which it is looked: a megabyte of names would hold all other mail up for seconds."""
_NAME = r"[^\W\d_][\w'\u2019.-]{0,24}"
_TITLED = re.compile(
    rf"(?:the )?(?:rt\.? hon\.? )?(?:cllr|councillor|cyng|cynghorydd|alderman)\b\.?(?: {_NAME}){{1,5}}"
    r"(?:,? \(?[\w/ ,.&'-]{2,40}\)?)?",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Miss|Mx|Dr) )?[A-Z][\w'\u2019-]{1,20}(?: [A-Z][\w'\u2019.-]{0,20}){1,3}(?:,? [A-Z]{2,4}){0,3}"
)
_OFFICE = re.compile(
    r"(?:[\w ]{0,30}\b)?(?:cllr|councillor|cynghorydd|member for|ward member|(?:deputy )?leader of|cabinet member"
    r"|(?:vice[- ])?chair(?:man|woman)? of|mayor of)\b",
    re.IGNORECASE,
)
_CONTACTS = (
    re.compile(r"(?:\+44|\b0)[\d ()-]{8,14}\d"),
    re.compile(r"[\w.+-]{1,64}@[\w-]{1,60}\."),
    re.compile(r"\b(?:www\.|https?://)", re.IGNORECASE),
    re.compile(r"\b[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2}\b"),
    re.compile(r"\b(?:council|cyngor|town hall|county hall|civic centre)\b", re.IGNORECASE),
    re.compile(r"\b(?:ward|division|adran etholiadol)\b", re.IGNORECASE),
)


def heads(lines: list[str], at: int) -> bool:
    """True where the line at `at` can be the first of a signature of office: a name alone on its line."""
    line = lines[at].strip()
    if not SHORTEST <= len(line) <= LONGEST or line[-1] in ".!?:;," or (at and len(lines[at - 1].strip()) > LONGEST):
        return False
    return _TITLED.fullmatch(line) is not None or _NAMED.fullmatch(line) is not None


def office_block(lines: list[str], at: int) -> bool:
    """True where at least two contacts stand below the name at `at` (see `heads`), and an office in it or below."""
    below = [text.strip() for text in lines[at + 1 : at + 1 + 2 * LINES] if text.strip()][:LINES]
    if _TITLED.fullmatch(lines[at].strip()) is None and not any(
        _OFFICE.match(text) for text in below[:2] if len(text) <= LONGEST
    ):
        return False
    block = _short(below)
    return sum(any(mark.search(text) for text in block) for mark in _CONTACTS) >= MARKS


def _short(below: list[str]) -> list[str]:
    """The lines up to the first that is long or ends as a sentence does."""
    for number, text in enumerate(below):
        if len(text) > 2 * LONGEST or (len(text.split()) >= 6 and text.endswith((".", "!", "?"))):
            return below[:number]
    return below

"""Folding text for matching. Law: patterns and texts are folded by this one function, or they never meet."""

from __future__ import annotations

import re
import unicodedata

import re2

CAP = 500_000

# The library holds the GIL and folds in linear time: long text is folded in pieces of CAP characters.
_LINE, _TAB = "qzlzq", "qztzq"
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
# Marks the library leaves, that a reader does not see: word joiners, fillers, variation selectors, tags, directions.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)

# Four or more single letters, each parted from the next by one kind of mark: "v o t e", "l.a.b.o.u.r".
_SPACED = re.compile(
    r"(?<![a-z0-9@._*-])[a-z](?: {1,6}[a-z]){3,}(?![a-z0-9@'])"
    r"|(?<![a-z0-9@._*-])[a-z](?:(?: ?[._*-] ?| {2,6})[a-z]){3,}(?![a-z0-9@'])"
)
_GAP = re.compile(r"[ ._*-]+")

# Digits for letters inside a word: only those that few codes are made of; postcodes and old plates are left alone.
_LEET = re.compile(r"(?<![a-z0-9@._/-])[a-z]+(?:[034][a-z]+)+(?![a-z0-9@_/-])")
_CODE = re.compile(r"(?:[enw]|ec|sw|wc|nw|se)\d[a-z]\d[a-z]{2}|[a-z]\d[a-z]{3}|[a-z]{3}\d[a-z]")
_LETTERS = str.maketrans("034", "oea")


def _suspects() -> re2.Set:
    """One linear pass that says whether the costlier expressions need a look: 0 is `_SPACED`, 1 is `_LEET`."""
    options = re2.Options()
    options.never_capture = True
    found = re2.Set.SearchSet(options)
    found.Add(r"\b[a-z][ ._*-]{1,6}[a-z][ ._*-]{1,6}[a-z][ ._*-]{1,6}[a-z]\b")
    found.Add(r"\b[a-z]+[034][a-z034]*[a-z]\b")
    found.Compile()
    return found


_SUSPECTS = _suspects()


def fold(text: str) -> str:
    """Lower case with homoglyphs, invisible characters, width and accents undone; spaced-out words joined.

    Offsets equal those of `text` where it is ASCII and nothing was spaced out. Digits of any script become 0-9.
    """
    if text.isascii():
        lowered = text.lower()
    else:
        text = INVISIBLE.sub("", text)
        if _OTHER_DIGIT.search(text):
            text = _OTHER_DIGIT.sub(lambda match: str(unicodedata.digit(match.group())), text)
        pieces = (text[at : at + CAP] for at in range(0, len(text), CAP))
        lowered = "".join(map(_plain, pieces)).lower()
    suspects = _SUSPECTS.Match(lowered) or ()
    if 0 in suspects:
        lowered = _SPACED.sub(_join, lowered)
    if 1 in suspects:
        lowered = _LEET.sub(_leet, lowered)
    return lowered


def _plain(piece: str) -> str:
    """The library makes one blank of all white space; words stand for line ends and tabs meanwhile."""
    import disarm  # 5 MB of a reader process, which folds little: forked processes share it (`daemon.nursery`)

    marked = piece.replace("\r\n", "\n").replace("\n", f" {_LINE} ").replace("\t", f" {_TAB} ")
    plain = str(disarm.strip_obfuscation(marked))
    for mark, kept in ((_TAB, "\t"), (_LINE, "\n")):
        if mark in plain:
            plain = plain.replace(f" {mark}", kept).replace(mark, kept).replace(f"{kept} ", kept)
    return plain


def _join(match: re.Match[str]) -> str:
    """The letters joined; where some gaps are wider than the narrowest, these part words."""
    run = match.group()
    narrow = min(len(gap) for gap in _GAP.findall(run))
    return _GAP.sub(lambda gap: "" if len(gap.group()) == narrow else " ", run)


def _leet(match: re.Match[str]) -> str:
    word = match.group()
    if sum(letter.isalpha() for letter in word) < 3 or _CODE.fullmatch(word):
        return word
    return word.translate(_LETTERS)

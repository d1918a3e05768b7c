"""Folding text for matching. Law: patterns and texts are folded by this one function, or they never meet."""

from __future__ import annotations

import re

import disarm

CAP = 2_000_000

# Single letters parted by one same blank or mark: "v o t e", "l.a.b.o.u.r".
_SPACED = re.compile(r"\b(?:[a-z]([ ._*-])(?:[a-z]\1){2,}[a-z])\b")


def fold(text: str) -> str:
    """Lower case with homoglyphs, invisible characters, width and accents undone; spaced-out words joined.

    Only the first CAP characters are folded in one piece (the library holds the GIL); the rest follows in
    pieces. Offsets equal those of `text` where it is ASCII and nothing was spaced out.
    """
    if text.isascii():
        lowered = text.lower()
    else:
        pieces = (text[at : at + CAP] for at in range(0, len(text), CAP))
        lowered = "".join(str(disarm.strip_obfuscation(piece)) for piece in pieces).lower()
    return _SPACED.sub(_join, lowered)


def _join(match: re.Match[str]) -> str:
    return match.group().replace(match.group(1), "")

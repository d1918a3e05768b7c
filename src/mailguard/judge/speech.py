"""The words of a neutral text, and which of them the writer quotes.

Law: a quotation ends with its mark or with its line, so that one mark left open cannot hide the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
# A mail longer than this is judged by its first characters and its last: campaigns say their say at both ends.
LONGEST = 12_000
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|0|[£$!?#%]")
_NUMBER = re.compile("[0-9]+")
# Double marks (two single ones after look-alikes are undone), ends of lines, and single marks that cannot be an
# apostrophe: before a word, or after one. Each begins with its character, which keeps the search fast.
_MARK = re.compile(r"(\"|\n|''|'(?<![a-z0-9']')(?=[a-z])|'(?<=[a-z0-9.,!?]')(?![a-z]))")


@dataclass(frozen=True)
class Speech:
    """All words in order; those the writer says; those quoted."""

    words: list[str]
    told: list[str]
    quoted: list[str]


def speech(neutral: str) -> Speech:
    """Words of a neutral text; every number is one same word."""
    text = neutral if len(neutral) <= LONGEST else neutral[: LONGEST * 3 // 4] + neutral[-LONGEST // 4 :]
    text = _NUMBER.sub("0", text)
    if '"' not in text and "'" not in text:
        words = _WORD.findall(text)
        return Speech(words, words, [])
    every: list[str] = []
    told: list[str] = []
    quoted: list[str] = []
    mark = ""
    # Every second piece is a mark.
    pieces = _MARK.split(text)
    for number, piece in enumerate(pieces):
        if number % 2:
            mark = _after(mark, '"' if piece == "''" else piece, pieces[number + 1])
            continue
        words = _WORD.findall(piece)
        every += words
        (quoted if mark else told).extend(words)
    return Speech(every, told, quoted)


def _after(mark: str, piece: str, ahead: str) -> str:
    """The mark that is open after this one: single marks within double ones, or at a word's end, open nothing."""
    if piece in {"\n", mark} or (piece == "'" and not mark and not ahead[:1].isalpha()):
        return ""
    return mark or piece

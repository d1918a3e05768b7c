"""Cuts text into the pieces of a BERT vocabulary. Law: the same pieces as the reference tokenizer gives.

Source: Devlin et al. 2019 (uncased WordPiece, greedy longest match first).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_BASIC = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")
_LONGEST = 40


class WordPiece:
    """`index` maps pieces to row numbers; unknown pieces are left out. Words are remembered, up to a bound."""

    def __init__(self, index: Mapping[str, int], remembered: int = 20_000) -> None:
        self._index, self._room = index, remembered
        self._known: dict[str, tuple[int, ...]] = {}

    def rows(self, words: Iterable[str]) -> list[int]:
        """Row numbers of lower-case ASCII words, in order."""
        out: list[int] = []
        for word in words:
            known = self._known.get(word)
            out += known if known is not None else self._learn(word)
        return out

    def _learn(self, word: str) -> tuple[int, ...]:
        found = tuple(row for part in _BASIC.findall(word) for row in self._pieces(part))
        if len(self._known) < self._room:
            self._known[word] = found
        return found

    def _pieces(self, word: str) -> tuple[int, ...]:
        if word in self._index:
            return (self._index[word],)
        if len(word) > _LONGEST:
            return ()
        out: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = word[start:end] if start == 0 else "##" + word[start:end]
                if piece in self._index:
                    out.append(self._index[piece])
                    start = end
                    break
            else:
                return ()
        return tuple(out)

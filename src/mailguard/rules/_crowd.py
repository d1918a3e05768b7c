"""Many numbers of one shape in one text. Law: the work is bounded by count, and no number is dropped for it.

The first FULL of a text are each judged by all the words about them. Of the rest those near a word that names them are
still judged so, FULL again; then the place of that word alone says "named". What no word names counts by its form, no
surer than the surest of those that were judged in full. So a list, or a text made to keep the gateway busy, costs what
its length costs, and the one number that is named is found in it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from enum import Enum

from mailguard.mail.contents import Text
from mailguard.matching.context import BLOCK, ROW
from mailguard.matching.scan import Span

FULL = 1000


class Way(Enum):
    """How one number is judged: by all the words about it, as named by the place of a word, or by its form."""

    FULL = 1
    NAMED = 2
    FORM = 3


class Crowd:
    """The numbers of one kind in one text. `named` are the places of the words that name such numbers."""

    def __init__(self, named: Iterable[Span], before: int, after: int) -> None:
        self._named = named
        self._before, self._after = before, after
        self._starts: list[int] | None = None
        self._ends: list[int] = []
        self._judged = self._judged_named = 0

    def way(self, span: Span) -> Way:
        """How this number is judged; asked once a number, in the order of the text."""
        if self._judged < FULL:
            self._judged += 1
            return Way.FULL
        if self._starts is None:
            places = sorted((word.start, word.end) for word in self._named if word.text is span.text)
            self._starts, self._ends = [start for start, _ in places], sorted(end for _, end in places)
        near = self._within(span.start - self._before, span.end + self._after)
        # The heading of a column may stand as far before.
        if self._judged_named < FULL and (near or self._within(span.start - BLOCK - ROW, span.start)):
            self._judged_named += 1
            return Way.FULL
        return Way.NAMED if near else Way.FORM

    def _within(self, start: int, end: int) -> bool:
        """True where a word that names stands between these places."""
        first = bisect_left(self._ends, start)
        return first < bisect_right(self._starts or (), end)


class Crowds:
    """A crowd a text, of one kind of number."""

    def __init__(self, named: Iterable[Span], before: int, after: int) -> None:
        self._named, self._before, self._after = tuple(named), before, after
        self._texts: dict[int, Crowd] = {}

    def way(self, span: Span) -> Way:
        """How this number is judged."""
        return self.of(span.text).way(span)

    def of(self, text: Text) -> Crowd:
        """The crowd of one text."""
        crowd = self._texts.get(id(text))
        if crowd is None:
            crowd = self._texts[id(text)] = Crowd(self._named, self._before, self._after)
        return crowd

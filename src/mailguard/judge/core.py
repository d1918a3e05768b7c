"""Cuts out of a long text what speaks of politics, so that what stands beside it dilutes nothing.

Law: each place of politics is in it, to the ends of its sentence; a short text is its own core.

One more reading and no more, and it must be the surer: judged window by window, a long report would reach any level by
having many chances.
"""

from __future__ import annotations

from collections.abc import Iterable

# A text of this length holds little beside a leaflet; one of which this share is core is judged as well by its whole.
SHORT, MOST = 500, 0.5
# What the score of the core must be above that of the whole to count: what a report quotes stands close together in it.
SECOND = 1.0
# Up to so much is kept of the sentence before and after a place, and so much between two sentences that hold one.
_FURTHER, _BETWEEN = 200, 100
_ENDS = ("\n", ". ", "! ", "? ")


def core(neutral: str, places: Iterable[tuple[int, int]]) -> str:
    """The sentences around these places (in order), or "" where there is nothing else to judge than the whole."""
    if len(neutral) <= SHORT:
        return ""
    kept: list[tuple[int, int]] = []
    total = 0
    for start, end in places:
        if kept and end <= kept[-1][1]:
            continue
        first, last = _before(neutral, start), _after(neutral, end)
        if kept and first <= kept[-1][1] + _BETWEEN:
            first, gone = kept.pop()
            total -= gone - first
        kept.append((first, last))
        total += last - first
        if total >= MOST * len(neutral):
            return ""
    return "\n".join(neutral[first:last] for first, last in kept)


def _before(text: str, at: int) -> int:
    least = max(0, at - _FURTHER)
    found = max(text.rfind(mark, least, at) for mark in _ENDS)
    return least if found < 0 else found + 1


def _after(text: str, at: int) -> int:
    most = min(len(text), at + _FURTHER)
    found = [place for mark in _ENDS if (place := text.find(mark, at, most)) >= 0]
    return min(found) + 1 if found else most

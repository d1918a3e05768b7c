"""Words near a match. Law: the label nearest before a number says what it is; a farther one does not outvote it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import re2

from mailguard.mail.fold import fold
from mailguard.matching.scan import Span

BEFORE, AFTER, CLOSE = 64, 28, 12
MARKS, BLOCK, HEADING, ROW, TITLE = "\t|;,", 4000, 40, 2000, 80
_NUMBERS = re2.compile(r"\b(?:number|numbers|nos|no|refs?|references|ids|accounts|claims|utrs|upns|ninos|ibans|dobs)\b")
_SAYS_WHAT = re2.compile(r"^\W{0,3}(?:the|these|those|all|they|both)\b[^.]*\b(?:are|is|were)\b")
NOTHING = r"[^\x00-\x{10ffff}]"
GAP = r"[\s_./:-]{0,3}"


def phrases(words: Iterable[str]) -> str:
    """An RE2 expression for any of the phrases, as people and column headers write them.

    A blank in a phrase matches up to three blanks or marks, so that "nhs number" meets `nhs_number`, `NHS-Number` and
    `nhsNumber`. Letters may not touch a phrase, digits may: "NHSno9434765919".
    """
    parts = [GAP.join(re2.escape(piece) for piece in fold(word).split()) for word in words if word.strip()]
    if not parts:
        return NOTHING
    return rf"(?:^|[^a-z])(?:{'|'.join(sorted(parts, key=len, reverse=True))})(?:e?s)?(?:[^a-z]|$)"


class Vocabulary:
    """Phrases compiled once; `last` finds the nearest before a place."""

    def __init__(self, words: Iterable[str]) -> None:
        self._expression = re2.compile(phrases(words))

    def within(self, text: str) -> bool:
        """True where one of the phrases occurs."""
        return self._expression.search(text) is not None

    def last(self, text: str) -> tuple[int, int]:
        """Where the last phrase ends, and its length (of two that end together the longer counts); (-1, 0)."""
        place = (-1, 0)
        at = 0
        while match := self._expression.search(text, at):
            place = (match.end(), match.end() - match.start())
            at = max(match.end() - 1, match.start() + 1)
        return place


@dataclass(frozen=True)
class Context:
    """What the words about a match say: it is `labelled`, at least `hinted`, or something `other`.

    `heading` is the heading of its column, where it stands in a table and the heading alone labels it.
    """

    labelled: bool = False
    hinted: bool = False
    other: bool = False
    heading: str = ""


class Words:
    """The three vocabularies of one kind of identifier."""

    def __init__(self, label: Sequence[str], hint: Sequence[str] = (), other: Sequence[str] = ()) -> None:
        self.label, self.hint, self.other = Vocabulary(label), Vocabulary(hint), Vocabulary(other)

    def about(self, span: Span, before: int = BEFORE, after: int = AFTER) -> Context:
        """Judge the words around a match.

        The label may stand before it, after it on the same line, at the head of its column, over its list or under it.
        A word for another kind of number that stands nearer before it, in the same paragraph, wins ("NHS number below.
        Invoice 9434765919").
        """
        text = span.text.folded
        ahead = text[max(0, span.start - before) : span.start]
        behind = text[span.end : span.end + after].split("\n", 1)[0]
        label, other = self.label.last(ahead), self.other.last(ahead.rpartition("\n\n")[2])
        other = (other[0] + len(ahead) - len(ahead.rpartition("\n\n")[2]), other[1])
        named_after = self.label.within(behind)
        column = "" if label[1] and label > other else heading(span)
        if column and self.label.within(column):
            return Context(labelled=True, heading=column)
        if other[1] and other > label and not (named_after and len(ahead) - other[0] > CLOSE):
            return Context(other=True)
        if label[1] or named_after:
            return Context(labelled=True)
        listed = title(span) or footing(span)
        if listed and self.label.within(listed):
            return Context(labelled=True, heading=listed)
        wide = text[max(0, span.start - 4 * before) : span.end + 4 * before]
        return Context(hinted=self.hint.within(wide) or self.label.within(wide))


def heading(span: Span) -> str:
    """The heading of the column a match stands in: the cell above it in the first line of its block; else "".

    Only where the two lines have as many cells; a heading is short and has no digit. A line that goes on for more than
    ROW is no row: a text may be one line, and is then not gone through at each of its matches.
    """
    text = span.text.folded
    start = text.rfind("\n", max(0, span.start - ROW), span.start) + 1
    end = text.find("\n", span.end, span.end + ROW)
    if (not start and span.start > ROW) or (end < 0 and len(text) - span.end > ROW):
        return ""
    line = text[start : end if end >= 0 else len(text)]
    mark = next((mark for mark in MARKS if mark in line), "")
    gap = text.rfind("\n\n", max(0, start - BLOCK), start)
    if not mark or not start or (gap < 0 and start > BLOCK):
        return ""
    cells = text[gap + 2 if gap >= 0 else 0 : start].split("\n", 1)[0].split(mark)
    column = text[start : span.start].count(mark)
    if len(cells) != line.count(mark) + 1 or len(cells[column]) > HEADING or any(map(str.isdigit, cells[column])):
        return ""
    return cells[column]


def title(span: Span) -> str:
    """The line over the list a match stands in: the first of its paragraph, or the one that ends the paragraph before.

    It is short, speaks of numbers, has no digit or comma, and every line between it and the match has a digit, as the
    rows of a list have; else "".
    """
    text = span.text.folded
    begin = max(0, span.start - ROW)
    start = text.rfind("\n", begin, span.start) + 1
    if not start:
        return ""
    ahead = text[begin:start]
    if not _NUMBERS.search(ahead):
        return ""
    rows = ahead.rstrip("\n").split("\n")
    for back, row in enumerate(reversed(rows)):
        if not row.strip() and back:
            continue
        if not any(map(str.isdigit, row)):
            whole = back + 1 < len(rows) or not begin
            return row if whole and len(row) <= TITLE and "," not in row and _NUMBERS.search(row) else ""
    return ""


def footing(span: Span) -> str:
    """The line right under the list a match stands in, where it says what the numbers are; else "".

    "(the numbers are the claim numbers)": it is short and has no digit, and every line between has one.
    """
    text = span.text.folded
    start = text.find("\n", span.end, span.end + ROW) + 1
    if not start:
        return ""
    for row in text[start : start + ROW].split("\n"):
        if not any(map(str.isdigit, row)):
            return row if len(row) <= TITLE and _SAYS_WHAT.search(row) else ""
    return ""


def follows(span: Span, vocabulary: Vocabulary) -> bool:
    """True where a match is the value of a key that the vocabulary names: `UTR=4748949890`."""
    ahead = span.text.folded[max(0, span.start - BEFORE) : span.start]
    return ahead.endswith("=") and vocabulary.last(ahead)[0] == len(ahead)


def in_address(span: Span) -> bool:
    """True where the match is part of a URL, a mail address or a Message-ID: such digits identify no person."""
    text = span.text.folded
    about = text[max(0, span.start - 300) : span.end + 100]
    if not any(mark in about for mark in ("@", "://", "www.", "?", "&")):
        return False
    start = max(text.rfind(mark, max(0, span.start - 300), span.start) for mark in " \n\t\"'(,;")
    ends = [at for mark in " \n\t\"'),;" if (at := text.find(mark, span.end, span.end + 100)) >= 0]
    word = text[start + 1 : min(ends, default=span.end + 100)]
    return "://" in word or "@" in word or word.startswith("www.") or "?" in word[:-1] or "&" in word[:-1]


def joined_to_digits(span: Span) -> bool:
    """True where more digits or letters go on directly beside the match: it is a piece of a longer number."""
    text = span.text.folded
    ahead, behind = text[max(0, span.start - 2) : span.start], text[span.end : span.end + 2]
    return (len(ahead) == 2 and ahead[1] in "-/.#_=\\" and ahead[0].isalnum()) or (
        len(behind) == 2 and behind[0] in "-/_=\\" and behind[1].isalnum()
    )

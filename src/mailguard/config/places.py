"""On which line each key of a TOML text stands. Law: reads only what `tomllib` has accepted, so it need not judge.

`tomllib` gives values without places, and an error without its line is half an error.
"""

from __future__ import annotations

import re
from bisect import bisect_left

Loc = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"[^,\]}\n#]+")


class Places:
    """Lines by path: `("clause", 2, "what")` is the key `what` of the third `[[clause]]`."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._lines: dict[Loc, int] = {}
        self._arrays: dict[Loc, int] = {}
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._document()

    def line(self, loc: Loc) -> int:
        """The line of the deepest part of `loc` that is written in the file; 1 where none is."""
        while loc and loc not in self._lines:
            loc = loc[:-1]
        return self._lines.get(loc, 1)

    def __contains__(self, loc: Loc) -> bool:
        return loc in self._lines

    def _document(self) -> None:
        table: Loc = ()
        while self._skip() < len(self._text):
            if self._text.startswith("[[", self._at):
                table = self._header(2)
            elif self._text[self._at] == "[":
                table = self._header(1)
            else:
                self._pair(table)

    def _skip(self) -> int:
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._at

    def _note(self, loc: Loc, at: int) -> None:
        if loc not in self._lines:
            self._lines[loc] = bisect_left(self._breaks, at) + 1

    def _header(self, width: int) -> Loc:
        at = self._at
        self._at += width
        *parents, last = self._key()
        self._at = self._text.index("]" * width, self._at) + width
        loc = self._resolve((), parents)
        if width == 2:
            plain = (*loc, last)
            number = self._arrays[plain] = self._arrays.get(plain, -1) + 1
            self._note(plain, at)
            loc = (*plain, number)
        else:
            loc = self._resolve(loc, [last])
        self._note(loc, at)
        return loc

    def _resolve(self, loc: Loc, names: list[str]) -> Loc:
        for name in names:
            loc = (*loc, name)
            if loc in self._arrays:
                loc = (*loc, self._arrays[loc])
        return loc

    def _key(self) -> list[str]:
        names = []
        while True:
            self._skip()
            if self._text[self._at] in "\"'":
                start = self._at + 1
                self._string()
                names.append(self._text[start : self._at - 1])
            else:
                match = _BARE.match(self._text, self._at)
                assert match, "a bare key"
                names.append(match.group())
                self._at = match.end()
            self._skip()
            if self._text[self._at] != ".":
                return names
            self._at += 1

    def _pair(self, table: Loc) -> None:
        at = self._at
        loc = table
        for name in self._key():
            loc = (*loc, name)
            self._note(loc, at)
        self._at += 1
        self._value(loc)

    def _value(self, loc: Loc) -> None:
        self._skip()
        sign = self._text[self._at]
        if sign in "\"'":
            self._string()
        elif sign == "[":
            self._list(loc)
        elif sign == "{":
            self._inline(loc)
        else:
            match = _PLAIN.match(self._text, self._at)
            self._at = match.end() if match else self._at + 1

    def _list(self, loc: Loc) -> None:
        self._at += 1
        number = 0
        while self._text[self._skip()] != "]":
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._note((*loc, number), self._at)
            self._value((*loc, number))
            number += 1
        self._at += 1

    def _inline(self, loc: Loc) -> None:
        self._at += 1
        while self._text[self._skip()] != "}":
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._pair(loc)
        self._at += 1

    def _string(self) -> None:
        sign = self._text[self._at]
        if self._text.startswith(sign * 3, self._at):
            end = self._end(self._at + 3, sign * 3)
            while self._text.startswith(sign, end):  # up to two quotes may stand before the closing three
                end += 1
            self._at = end
        else:
            self._at = self._end(self._at + 1, sign)

    def _end(self, at: int, closing: str) -> int:
        while not self._text.startswith(closing, at):
            at += 2 if self._text[at] == "\\" and closing[0] == '"' else 1
        return at + len(closing)

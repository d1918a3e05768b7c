"""The cells of an Excel 97-2003 workbook. Law: every cell that holds a value is read, sparsely, as people see it.

MS-XLS 2.4: SST 0xFC, BOUNDSHEET 0x85, FORMAT 0x41E, XF 0xE0, LABELSST 0xFD, RK 0x27E, MULRK 0xBD, FORMULA 0x06 ...;
Excel 5 and 95 have the same records with strings of bytes. Libraries lay a sheet out whole (a stray cell in the last
corner then takes all memory), take some formats for dates, and know no masks ("0000000000").
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailguard.mail.readers import cells, codepages
from mailguard.mail.readers.biff_text import Cursor, records
from mailguard.mail.readers.sheet import STATES, VISIBLE

_BOF, _EOF, _CONTINUE, _BOUNDSHEET, _SST, _FORMAT, _XF = 0x809, 0x0A, 0x3C, 0x85, 0xFC, 0x41E, 0xE0
_CODE_PAGE, _EPOCH_1904, _STRING, _FORMULA, _LABELSST, _SERIES = 0x42, 0x22, 0x207, 0x06, 0xFD, 0x100D
_OLD_FORMULAS = frozenset({0x206, 0x406})  # some programs write them in newer files
_RK, _MULRK, _NUMBER, _LABEL, _RSTRING, _BOOLERR = 0x27E, 0xBD, 0x203, 0x204, 0xD6, 0x205
_CHART, _BIFF8 = 0x20, 0x600
_BROKEN = (struct.error, IndexError)


@dataclass
class Page:
    """One sheet as its records give it; `number` counts substreams, `chart` holds the words and values of charts."""

    number: int
    start: int
    name: str = ""
    state: str = VISIBLE
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    chart: list[str] = field(default_factory=list)


class Book:
    """What a workbook stream holds: pages, shared strings, those of them that cells show.

    `whole` is False where a record of it is damaged.
    """

    def __init__(self, stream: bytes) -> None:
        self.pages: list[Page] = []
        self.strings: list[str] = []
        self.used: set[int] = set()
        self.whole = True
        self._codes: dict[int, str] = {}
        self._formats: list[str] = []
        self._bounds: list[tuple[int, str, str]] = []
        self._page, self._wide = 1252, True
        self._epoch = cells.EPOCH
        self._waiting: tuple[int, int] | None = None
        self._read(stream)
        self._name()

    def _read(self, stream: bytes) -> None:
        depth = 0
        chart = False
        for at, kind, parts in _joined(stream):
            try:
                if kind == _BOF:
                    depth += 1
                    version, purpose = struct.unpack_from("<HH", parts[0])
                    self._wide = version >= _BIFF8
                    chart = purpose == _CHART
                    if depth == 1:
                        self.pages.append(Page(len(self.pages) - 1, at))
                elif kind == _EOF:
                    depth, chart = max(0, depth - 1), False
                elif self.pages:
                    self._record(kind, parts, chart)
            except _BROKEN:
                self.whole = False
        # Every sheet has an end of its own.
        self.whole = self.whole and not depth

    def _record(self, kind: int, parts: list[bytes], chart: bool) -> None:
        body = parts[0]
        if kind == _BOUNDSHEET:
            start, state, _ = struct.unpack_from("<IBB", body)
            self._bounds.append((start, self._short(body, 6), STATES[min(state & 3, 2)]))
        elif kind == _SST:
            self._shared(parts)
        elif kind == _FORMAT:
            with contextlib.suppress(*_BROKEN):
                code = self._text(parts, 2) if self._wide else self._short(body, 2)
                self._codes[struct.unpack_from("<H", body)[0]] = code
        elif kind == _XF:
            number = struct.unpack_from("<H", body, 2)[0]
            self._formats.append(cells.format_of(number, self._codes.get(number, "")))
        elif kind == _CODE_PAGE:
            self._page = struct.unpack_from("<H", body)[0]
        elif kind == _EPOCH_1904 and body[:1] == b"\1":
            self._epoch = cells.EPOCH_1904
        elif kind == _SERIES:
            self.pages[-1].chart.append(self._short(body, 2))
        else:
            for row, column, value in self._cells(kind, parts):
                if chart:
                    self.pages[-1].chart.append(value)
                elif value:
                    self.pages[-1].rows.setdefault(row, {})[column] = value

    def _cells(self, kind: int, parts: list[bytes]) -> Iterator[tuple[int, int, str]]:
        """Row, column and value of each cell that a record holds."""
        body = parts[0]
        if kind == _STRING and self._waiting:
            yield *self._waiting, self._text(parts, 0)
            self._waiting = None
        kind = _FORMULA if kind in _OLD_FORMULAS else kind
        if kind not in {_LABELSST, _RK, _MULRK, _NUMBER, _LABEL, _RSTRING, _BOOLERR, _FORMULA}:
            return
        row, column, style = struct.unpack_from("<HHH", body)
        if kind == _MULRK:
            for step, at in enumerate(range(4, len(body) - 2 - 5, 6)):
                style, packed = struct.unpack_from("<Hi", body, at)
                yield row, column + step, self._shown(unpacked(packed), style)
        elif kind == _LABELSST:
            number = struct.unpack_from("<I", body, 6)[0]
            self.used.add(number)
            yield row, column, self.strings[number]
        elif kind == _RK:
            yield row, column, self._shown(unpacked(struct.unpack_from("<i", body, 6)[0]), style)
        elif kind == _NUMBER:
            yield row, column, self._shown(struct.unpack_from("<d", body, 6)[0], style)
        elif kind in {_LABEL, _RSTRING}:
            size = struct.unpack_from("<H", body, 6)[0]
            # Some programs say Excel 97 and write the strings of Excel 95.
            plain = self._wide and len(parts) == 1 and len(body) == 8 + size
            yield row, column, codepages.text(body[8:], self._page) if plain else self._text(parts, 6)
        elif kind == _BOOLERR:
            yield row, column, "" if body[7] else "TRUE" if body[6] else "FALSE"
        elif body[12:14] != b"\xff\xff":
            yield row, column, self._shown(struct.unpack_from("<d", body, 6)[0], style)
        elif body[6] == 0:
            self._waiting = (row, column)
        elif body[6] == 1:
            yield row, column, "TRUE" if body[8] else "FALSE"

    def _shown(self, value: float, style: int) -> str:
        code = self._formats[style] if style < len(self._formats) else ""
        return cells.under(str(value), code, self._epoch)

    def _text(self, parts: list[bytes], at: int) -> str:
        """A string whose length takes two bytes; it may go on in the records behind."""
        if not self._wide:
            size = struct.unpack_from("<H", parts[0], at)[0]
            return codepages.text(parts[0][at + 2 : at + 2 + size], self._page)
        return Cursor(parts, at).string()

    def _short(self, body: bytes, at: int) -> str:
        """A string whose length takes one byte."""
        if not self._wide:
            return codepages.text(body[at + 1 : at + 1 + body[at]], self._page)
        size, flag = body[at], body[at + 1]
        return body[at + 2 : at + 2 + size * (1 + (flag & 1))].decode("utf-16-le" if flag & 1 else "latin-1", "replace")

    def _shared(self, parts: list[bytes]) -> None:
        cursor = Cursor(parts, 8)
        for _ in range(struct.unpack_from("<I", parts[0], 4)[0]):
            # Some programs count more than they write; a cell that asks for a string too many tells.
            if cursor.done:
                return
            self.strings.append(cursor.string())

    def _name(self) -> None:
        """Sheets by where they begin; the first substream holds what is common to all."""
        known = {start: (name, state) for start, name, state in self._bounds}
        for page in self.pages:
            found = known.get(page.start)
            if found is None and 0 <= page.number < len(self._bounds):
                found = self._bounds[page.number][1:]
            page.name, page.state = found or (f"Sheet{page.number + 1}", VISIBLE)


def _joined(stream: bytes) -> Iterator[tuple[int, int, list[bytes]]]:
    """Offset, type and body of each record, with the bodies of the CONTINUE records behind it."""
    start, kind, parts = 0, 0, list[bytes]()
    for at, following, body in records(stream):
        if following == _CONTINUE:
            parts.append(body)
            continue
        if parts:
            yield start, kind, parts
        start, kind, parts = at, following, [body]
    if parts:
        yield start, kind, parts


def unpacked(value: int) -> float:
    """A number in 30 bits: an integer or the front of a float, perhaps of hundredths (MS-XLS 2.5.217)."""
    number = float(value >> 2) if value & 2 else struct.unpack("<d", struct.pack("<ii", 0, value & ~3))[0]
    return float(number / 100 if value & 1 else number)

"""Excel binary workbooks (xlsb). Law: as for xlsx, the caches, comments and everything hidden are read too.

MS-XLSB 2.1.4 (records) and 2.4: BrtRowHdr 0, cells 1 to 11, BrtSSTItem 19, BrtBundleSh 156, BrtColInfo 60,
BrtXF 47, BrtFmt 44, BrtName 39, comments 632 to 637, pivot caches 20 to 26 and 179, external links 343 to 374.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from mailguard.mail.contents import State
from mailguard.mail.readers import cells
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.office import natural, rest, walk
from mailguard.mail.readers.sheet import STATES, Sheet, counted, tell_unused
from mailguard.mail.readers.xls_cells import unpacked
from mailguard.mail.readers.xlsx import LAST_COLUMN, Book, Relations, placed
from mailguard.mail.readers.zipbox import ZipBox

_ROW, _COLUMN, _ITEM, _SHEET, _NAME, _XF, _FORMAT, _BOOK = 0, 60, 19, 156, 39, 47, 44, 153
_RK, _ERROR, _BOOL, _REAL, _STRING, _SHARED = 2, 3, 4, 5, 6, 7
_FORMULAS = {8: _STRING, 9: _REAL, 10: _BOOL, 11: _ERROR}
_RICH_CELL = 62
_BEGIN_STYLES, _END_STYLES = 617, 618
_COMMENT, _AUTHOR = 637, 632
_BROKEN = (struct.error, IndexError)
_MAIN = re.compile(r"^xl/workbook\.bin$", re.I)
_PIVOT = re.compile(r"^xl/pivotcache/.*\.bin$", re.I)
_EXTERNAL = re.compile(r"^xl/externallinks/[^/]+\.bin$", re.I)
_NOTES = re.compile(r"^xl/comments[^/]*\.bin$", re.I)
_SKIPPED = re.compile(r"(?:styles|sharedstrings|calcchain|binaryindex\d*|vbaproject|printersettings\d*)\.bin$", re.I)
_WIDE = re.compile(rb"(?:[\x20-\xff]\x00){2,}")


def read(data: bytes, out: Reading) -> None:
    """Read an xlsb file into `out`. Raises Refused."""
    box = ZipBox(data, out.budget)
    main = next((name for name in box.names if _MAIN.match(name)), "")
    book = _book(box, out, main)
    taken = {main}
    relations = walk(Relations(), box, "xl/_rels/workbook.bin.rels", out).targets
    for name, state, path in placed(book, relations, box):
        if path not in taken:
            taken.add(path)
            _sheet(box.get(path), Sheet(name, state, out), book, out)
    if out.state is State.READ:
        tell_unused(book.strings, book.used, out)
    _caches(box, out, taken)
    for name in box.names:
        if name.lower().endswith(".bin") and name not in taken and not _SKIPPED.search(name):
            # Tables, queries, slicers: their words, by their look.
            out.text(_scraped(box.get(name)), name.rpartition("/")[2])
            taken.add(name)
    rest(box, out, taken)


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Records as (type, body); type and length are numbers of 7 bits a byte."""
    at = 0
    while at < len(data):
        kind = data[at]
        at += 1
        if kind & 0x80 and at < len(data):
            kind = kind & 0x7F | (data[at] & 0x7F) << 7
            at += 1
        length = 0
        for shift in range(0, 28, 7):
            if at >= len(data):
                return
            length |= (data[at] & 0x7F) << shift
            at += 1
            if data[at - 1] < 0x80:
                break
        yield kind, data[at : at + length]
        at += length


def _wide(body: bytes, at: int) -> tuple[str, int]:
    """A string of four bytes of length and UTF-16, and the place after it; no string is -1."""
    size = struct.unpack_from("<I", body, at)[0]
    stop = at + 4 + (0 if size == 0xFFFFFFFF else 2 * size)
    if stop > len(body):
        raise IndexError
    return body[at + 4 : stop].decode("utf-16-le", "replace"), stop


def _book(box: ZipBox, out: Reading, main: str) -> Book:
    book = Book()
    names: list[str] = []
    codes: dict[int, str] = {}
    cell_styles = False
    for name in (main, "xl/sharedStrings.bin", "xl/styles.bin"):
        for kind, body in records(box.get(name)):
            try:
                if kind == _SHEET:
                    state = struct.unpack_from("<I", body)[0]
                    identity, at = _wide(body, 8)
                    book.sheets.append((_wide(body, at)[0], STATES[min(state, 2)], identity))
                elif kind == _BOOK:
                    book.epoch_1904 = bool(body[0] & 1)
                elif kind == _NAME:
                    names.append(_scraped(body))
                elif kind == _ITEM:
                    book.strings.append(_wide(body, 1)[0])
                elif kind == _FORMAT:
                    codes[struct.unpack_from("<H", body)[0]] = _wide(body, 2)[0]
                elif kind in {_BEGIN_STYLES, _END_STYLES}:
                    cell_styles = kind == _BEGIN_STYLES
                elif kind == _XF and cell_styles:
                    number = struct.unpack_from("<H", body, 2)[0]
                    book.formats.append(cells.format_of(number, codes.get(number, "")))
            except _BROKEN:
                out.refuse(State.BROKEN, "a record of the workbook is damaged")
    out.text("\n".join(name for name, _, _ in book.sheets), "sheet names")
    out.text("\n".join(names), "defined names")
    return book


def _sheet(data: bytes, sheet: Sheet, book: Book, out: Reading) -> None:
    row: dict[int, str] = {}
    number, hidden = -1, False
    for kind, body in records(data):
        try:
            if kind == _ROW:
                if number >= 0:
                    sheet.row(row, hidden, number)
                number = struct.unpack_from("<I", body)[0]
                # Height 2 bytes behind the style; the second flag byte has "hidden" as its fifth bit.
                row, hidden = {}, bool(body[11] & 0x10)
            elif kind == _COLUMN:
                first, last, width, _, flags = struct.unpack_from("<IIIIH", body)
                if flags & 1 or not width:
                    sheet.hidden_columns.update(range(first, min(last + 1, LAST_COLUMN)))
            elif (base := _FORMULAS.get(kind, kind)) in range(_RK, _SHARED + 1) or kind == _RICH_CELL:
                value = _value(_STRING if kind == _RICH_CELL else base, body, book, kind == _RICH_CELL)
                if value:
                    row[struct.unpack_from("<I", body)[0]] = value
        except _BROKEN:
            out.refuse(State.BROKEN, "a record of the workbook is damaged")
    if number >= 0:
        sheet.row(row, hidden, number)
    sheet.close()


def _value(kind: int, body: bytes, book: Book, rich: bool) -> str:
    """What a cell shows: behind its column and style."""
    style = struct.unpack_from("<I", body, 4)[0] & 0xFFFFFF
    if kind == _SHARED:
        number: int = struct.unpack_from("<I", body, 8)[0]
        book.used.add(number)
        return book.strings[number]
    if kind == _STRING:
        return _wide(body, 9 if rich else 8)[0]
    if kind in {_BOOL, _ERROR}:
        return "" if kind == _ERROR else "TRUE" if body[8] else "FALSE"
    value: float = (
        unpacked(struct.unpack_from("<i", body, 8)[0]) if kind == _RK else struct.unpack_from("<d", body, 8)[0]
    )
    return book.shown(str(value), style)


def _caches(box: ZipBox, out: Reading, taken: set[str]) -> None:
    comments = pivots = links = 0
    for name in sorted(box.names, key=natural):
        if _NOTES.match(name):
            found = list(records(box.get(name)))
            comments += sum(kind == _COMMENT for kind, _ in found)
            said = [_scraped(body) for kind, body in found if kind in {_COMMENT, _AUTHOR}]
            out.text("\n".join(filter(None, said)), "comments", hidden="comment")
        elif _PIVOT.match(name):
            values = _values(box.get(name))
            pivots += len(values)
            out.text("\n".join(values), "pivot cache", hidden="pivot cache")
        elif _EXTERNAL.match(name):
            values = _values(box.get(name))
            links += len(values)
            out.text("\n".join(values), "external link cache", hidden="external link cache")
        else:
            continue
        taken.add(name)
    out.hide("comments", comments)
    out.hide(f"pivot cache with {counted(pivots, 'value')}", pivots)
    out.hide(f"external link cache with {counted(links, 'value')}", links)


# Numbers in caches: of pivot items, of pivot records, of cells of another workbook.
_CACHED_NUMBERS = {21: 0, 26: 0, 367: 4, 368: 4}


def _values(data: bytes) -> list[str]:
    """Strings and numbers of a cache."""
    found = []
    for kind, body in records(data):
        if words := _scraped(body):
            found.append(words)
        elif kind in _CACHED_NUMBERS and len(body) >= _CACHED_NUMBERS[kind] + 8:
            value = struct.unpack_from("<d", body, _CACHED_NUMBERS[kind])[0]
            if 1e-9 < abs(value) < 1e21:
                found.append(cells.plain(value))
    return found


def _scraped(body: bytes) -> str:
    """The runs of UTF-16 of Latin letters in a record."""
    return "\n".join(match.group().decode("utf-16-le").strip() for match in _WIDE.finditer(body))

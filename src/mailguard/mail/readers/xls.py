"""Excel 97-2003 files and xlsb.

Law: cells by calamine; what it leaves out (comments, caches, hidden rows) by the records.

MS-XLS 2.4: BOUNDSHEET 0x85, ROW 0x208, COLINFO 0x7D, TXO 0x1B6, NOTE 0x1C, HEADER 0x14, FOOTER 0x15, CRN 0x5A,
NAME 0x18, DV 0x1BE; SXString 0xCD in `_SX_DB_CUR` streams.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import olefile
import python_calamine as calamine

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers import locked, ole
from mailguard.mail.readers.cells import header, shown
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.sheet import HIDDEN, VERY_HIDDEN, VISIBLE, Sheet, counted

_BOF, _EOF, _CONTINUE = 0x809, 0x0A, 0x3C
_ROW, _COLINFO, _TXO, _NOTE, _HEADER, _FOOTER, _CRN, _PIVOT_TEXT = 0x208, 0x7D, 0x1B6, 0x1C, 0x14, 0x15, 0x5A, 0xCD
_NAMES, _RULE, _FORMULA, _WORDS = 0x18, 0x1BE, 0x06, 0x17


@dataclass
class Side:
    """What the records say beside the cells; rows and columns by number of the sheet's substream."""

    hidden_rows: dict[int, set[int]] = field(default_factory=dict)
    hidden_columns: dict[int, set[int]] = field(default_factory=dict)
    boxes: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    external: list[str] = field(default_factory=list)
    notes: int = 0
    names: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)


def read(data: bytes, out: Reading) -> None:
    """Read an xls file into `out`. Raises Refused."""
    data = locked.opened(data, out)
    with ole.opened(data) as file:
        ole.properties(file, out)
        name = "Workbook" if file.exists("Workbook") else "Book"
        stream = ole.stream(file, name, out)
        side = sides(stream)
        try:
            sheets(data, out, side)
        except Refused as refused:
            out.refuse(refused.state, refused.why)
        out.text(header("\n".join(side.headers)), "headers and footers")
        out.text("\n".join(side.names), "defined names")
        out.text("\n".join(side.rules), "data validation")
        out.text("\n".join(filter(None, side.formulas)), "words in formulas")
        out.text("\n".join(side.boxes), "comments and text boxes", hidden="comment" if side.notes else "")
        out.hide("comments", side.notes)
        out.text("\n".join(side.external), "external link cache", hidden="external link cache")
        out.hide(f"external link cache with {counted(len(side.external), 'value')}", len(side.external))
        _pivots(file, out)
        if not out.texts:
            out.text(ole.scrape(stream))
        ole.embedded(file, out)


def sheets(data: bytes, out: Reading, side: Side) -> None:
    """All sheets by calamine. Raises Refused where the workbook cannot be opened."""
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except (calamine.CalamineError, ValueError, OSError) as error:
        raise Refused(State.BROKEN, "the workbook cannot be opened") from error
    if not book.sheets_metadata:
        raise Refused(State.BROKEN, "the workbook has no sheets")
    out.text("\n".join(meta.name for meta in book.sheets_metadata), "sheet names")
    for number, meta in enumerate(book.sheets_metadata):
        try:
            found = book.get_sheet_by_index(number)
        except (calamine.CalamineError, ValueError, OSError):
            if meta.typ == calamine.SheetTypeEnum.WorkSheet:
                out.refuse(State.BROKEN, "a sheet of the workbook cannot be read")
            continue
        if found.start is None:
            continue
        sheet = Sheet(meta.name, _state(meta.visible), out)
        sheet.hidden_columns = side.hidden_columns.get(number, set())
        top, left = found.start
        hidden = side.hidden_rows.get(number, set())
        for line, row in enumerate(found.iter_rows(), top):
            sheet.row({left + at: shown(value) for at, value in enumerate(row) if value != ""}, line in hidden, line)
        sheet.close()


def _state(visible: calamine.SheetVisibleEnum) -> str:
    if visible == calamine.SheetVisibleEnum.VeryHidden:
        return VERY_HIDDEN
    return HIDDEN if visible == calamine.SheetVisibleEnum.Hidden else VISIBLE


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """BIFF records as (type, body)."""
    at = 0
    while at + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, at)
        yield kind, data[at + 4 : at + 4 + length]
        at += 4 + length


def sides(data: bytes) -> Side:
    """What the records of a workbook stream say beside the cells."""
    side, sheet, depth, text_next = Side(), -2, 0, False
    for kind, body in records(data):
        if kind == _BOF:
            depth += 1
            # The first substream holds the globals; sheets follow in the order of the tabs. Charts in sheets nest.
            sheet += depth == 1
        elif kind == _EOF:
            depth = max(0, depth - 1)
        elif kind == _ROW and len(body) >= 14 and body[12] & 0x20:
            side.hidden_rows.setdefault(sheet, set()).add(struct.unpack_from("<H", body)[0])
        elif kind == _COLINFO and len(body) >= 10 and (body[8] & 0x01 or body[4:6] == b"\0\0"):
            first, last = struct.unpack_from("<HH", body)
            side.hidden_columns.setdefault(sheet, set()).update(range(first, min(last, 255) + 1))
        elif kind == _NOTE:
            side.notes += 1
        elif kind == _CONTINUE and text_next and body:
            side.boxes.append(body[1:].decode("utf-16-le" if body[0] & 1 else "latin-1", "replace"))
        elif kind in {_HEADER, _FOOTER} and len(body) > 3:
            side.headers.append(_string(body))
        elif kind == _CRN:
            side.external += _cached(body)
        elif kind == _NAMES:
            side.names.append(ole.scrape(body[14:]))
        elif kind == _FORMULA and _WORDS in body[22:]:
            side.formulas.append(ole.scrape(body[22:]))
        elif kind == _RULE:
            side.rules += _rule(body)
        text_next = kind == _TXO
    side.boxes = [box for box in side.boxes if box.strip()]
    return side


def _string(body: bytes) -> str:
    """A string with a two-byte length and a flag byte (MS-XLS 2.5.294)."""
    length, flag = struct.unpack_from("<HB", body)
    return body[3 : 3 + length * (1 + (flag & 1))].decode("utf-16-le" if flag & 1 else "latin-1", "replace")


def _rule(body: bytes) -> list[str]:
    """What a validation says to a person: titles, prompt and error, and the items of its list (MS-XLS 2.4.90)."""
    said: list[str] = []
    at = 4
    for _ in range(4):
        if at + 3 > len(body):
            return said
        length, flag = struct.unpack_from("<HB", body, at)
        said.append(_string(body[at:]))
        at += 3 + length * (1 + (flag & 1))
    said.append(ole.scrape(body[at:].replace(b"\0", b"\n") if flag & 1 == 0 else body[at:]))
    return [words for words in said if words.strip("\0\n ")]


def _cached(body: bytes) -> list[str]:
    """The values of a CRN record: what another workbook had in its cells (MS-XLS 2.4.66)."""
    values, at = [], 4
    while at < len(body):
        kind = body[at]
        if kind == 2 and at + 4 <= len(body):
            length, flag = struct.unpack_from("<HB", body, at + 1)
            values.append(_string(body[at + 1 :]))
            at += 4 + length * (1 + (flag & 1))
        elif kind == 1 and at + 9 <= len(body):
            values.append(shown(struct.unpack_from("<d", body, at + 1)[0]))
            at += 9
        else:
            at += 9
    return [value for value in values if value.strip()]


def _pivots(file: olefile.OleFileIO, out: Reading) -> None:
    values: list[str] = []
    for path in file.listdir(streams=True, storages=False):
        if path[0].startswith("_SX_DB"):
            found = records(ole.stream(file, path, out))
            values += [_string(body) for kind, body in found if kind == _PIVOT_TEXT and len(body) > 3]
    out.text("\n".join(values), "pivot cache", hidden="pivot cache")
    out.hide(f"pivot cache with {counted(len(values), 'value')}", len(values))

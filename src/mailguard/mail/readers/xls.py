"""Excel 5 to 2003 files. Law: what stands beside the cells (comments, caches, drawings, hidden rows) is read too.

Cells: see `xls_cells`.
MS-XLS 2.4: BOUNDSHEET 0x85, ROW 0x208, COLINFO 0x7D, TXO 0x1B6, NOTE 0x1C, HEADER 0x14, FOOTER 0x15, CRN 0x5A,
NAME 0x18, DV 0x1BE; SXString 0xCD in `_SX_DB_CUR` streams.
"""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass, field

import olefile

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers import escher, locked, ole
from mailguard.mail.readers.biff_text import records
from mailguard.mail.readers.cells import header, shown
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.sheet import VISIBLE, Sheet, counted, tell_unused
from mailguard.mail.readers.xls_cells import Book

_BOF, _EOF, _CONTINUE = 0x809, 0x0A, 0x3C
_ROW, _COLINFO, _TXO, _NOTE, _HEADER, _FOOTER, _CRN, _PIVOT_TEXT = 0x208, 0x7D, 0x1B6, 0x1C, 0x14, 0x15, 0x5A, 0xCD
_NAMES, _RULE, _FORMULA, _WORDS, _FILEPASS = 0x18, 0x1BE, 0x06, 0x17, 0x2F
_DRAWING = frozenset({0xEB, 0xEC})
_FRONT = 12  # records from the beginning of a workbook, among which the one of a password stands


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
    drawings: bytes = b""


def read(data: bytes, out: Reading) -> None:
    """Read an xls file into `out`. Raises Refused."""
    plain = locked.opened(data, out)
    known, data = plain is not data, plain
    with ole.opened(data) as file:
        ole.properties(file, out)
        name = "Workbook" if file.exists("Workbook") else "Book"
        stream = ole.stream(file, name, out)
        if not known and any(kind == _FILEPASS for _, kind, _ in itertools.islice(records(stream), _FRONT)):
            # Excel 95: the library knows only the passwords of Excel 97 and later.
            raise Refused(State.ENCRYPTED, "encrypted with a password")
        side, book = sides(stream), Book(stream)
        if not book.pages:
            out.refuse(State.BROKEN, "the workbook cannot be opened")
        sheets(book, out, side)
        out.text(header("\n".join(side.headers)), "headers and footers")
        out.text("\n".join(side.names), "defined names")
        out.text("\n".join(side.rules), "data validation")
        out.text("\n".join(filter(None, side.formulas)), "words in formulas")
        out.text(escher.words(side.drawings), "drawings")
        out.text("\n".join(side.boxes), "comments and text boxes", hidden="comment" if side.notes else "")
        out.hide("comments", side.notes)
        out.text("\n".join(side.external), "external link cache", hidden="external link cache")
        out.hide(f"external link cache with {counted(len(side.external), 'value')}", len(side.external))
        _pivots(file, out)
        if not out.texts:
            out.text(ole.scrape(stream))
        ole.embedded(file, out)


def sheets(book: Book, out: Reading, side: Side) -> None:
    """All sheets, with what the records beside the cells hide; what charts say; strings that no cell shows."""
    out.text("\n".join(page.name for page in book.pages if page.number >= 0), "sheet names")
    for page in book.pages:
        sheet = Sheet(page.name, page.state, out)
        sheet.hidden_columns = side.hidden_columns.get(page.number, set())
        hidden = side.hidden_rows.get(page.number, set())
        for line in sorted(page.rows):
            sheet.row(page.rows[line], line in hidden, line)
        sheet.close()
        label = "" if page.state == VISIBLE else f"{page.state} sheet '{page.name}'"
        out.text("\n".join(dict.fromkeys(filter(None, page.chart))), f"sheet '{page.name}', charts", label)
    if not book.whole:
        out.refuse(State.BROKEN, "a record of the workbook is damaged")
    else:
        tell_unused(book.strings, book.used, out)


def sides(data: bytes) -> Side:
    """What the records of a workbook stream say beside the cells."""
    side, sheet, depth, text_next = Side(), -2, 0, False
    pictures: list[bytes] = []
    for _, kind, body in records(data):
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
        elif kind in _DRAWING:
            pictures.append(body)
        else:
            _words(kind, body, side)
        text_next = kind == _TXO
    side.drawings = b"".join(pictures)
    side.boxes = [box for box in side.boxes if box.strip()]
    return side


def _words(kind: int, body: bytes, side: Side) -> None:
    """Words in names, formulas and validations."""
    if kind == _NAMES:
        side.names.append(ole.scrape(body[14:]))
    elif kind == _FORMULA and _WORDS in body[22:]:
        side.formulas.append(ole.scrape(body[22:]))
    elif kind == _RULE:
        side.rules += _rule(body)


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
            values += [_string(body) for _, kind, body in found if kind == _PIVOT_TEXT and len(body) > 3]
    out.text("\n".join(values), "pivot cache", hidden="pivot cache")
    out.hide(f"pivot cache with {counted(len(values), 'value')}", len(values))

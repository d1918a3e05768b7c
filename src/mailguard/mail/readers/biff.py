"""Excel 2, 3 and 4 files, which are one sheet without a container. Law: every cell that holds a value is read.

Records as in [MS-XLS], older: INTEGER 2, NUMBER 3 and 0x203, LABEL 4 and 0x204, RK 0x27E, FORMULA 6, 0x206 and 0x406,
STRING 7 and 0x207: the words that the formula before it gives.
"""

from __future__ import annotations

import struct

from mailguard.mail.readers.biff_text import records
from mailguard.mail.readers.cells import plain
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.sheet import VISIBLE, Sheet
from mailguard.mail.readers.xls_cells import unpacked

_NUMBERS = {0x03: 7, 0x203: 6, 0x06: 7, 0x206: 6, 0x406: 6}

# STRING records, and how many bytes tell their length.
_STRINGS = {0x07: 1, 0x207: 2}


def read(data: bytes, out: Reading) -> None:
    """Read an old Excel file into `out`."""
    rows: dict[int, dict[int, str]] = {}
    row = column = 0
    for _, kind, body in records(data):
        value = _value(kind, body)
        if kind not in _STRINGS and len(body) >= 4:
            row, column = struct.unpack_from("<HH", body)
        if value:
            rows.setdefault(row, {})[column] = value
    sheet = Sheet("Sheet1", VISIBLE, out)
    for number in sorted(rows):
        sheet.row(rows[number], number=number)
    sheet.close()


def _value(kind: int, body: bytes) -> str:
    """What a cell shows; "" for every other record, and for one that is cut short."""
    try:
        if kind in _STRINGS:
            wide = _STRINGS[kind]
            return body[wide : wide + int.from_bytes(body[:wide], "little")].decode("cp1252", "replace")
        if kind == 0x04:
            return body[8 : 8 + body[7]].decode("cp1252", "replace")
        if kind == 0x204:
            return body[8 : 8 + struct.unpack_from("<H", body, 6)[0]].decode("cp1252", "replace")
        if kind == 0x02:
            return str(struct.unpack_from("<H", body, 7)[0])
        if kind in _NUMBERS:
            return plain(struct.unpack_from("<d", body, _NUMBERS[kind])[0])
        return plain(unpacked(struct.unpack_from("<i", body, 6)[0])) if kind == 0x27E else ""
    except (struct.error, IndexError):
        return ""

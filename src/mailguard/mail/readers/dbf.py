"""dBase tables, as registers of electors are exported. Law: every record in the file is read.

Records that are marked as deleted, or stand behind those that the header counts, are still there.

dBase III to VII and FoxPro: a header, fields of 32 bytes, records of fixed length.
"""

from __future__ import annotations

import struct

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.sheet import counted
from mailguard.mail.readers.txt import decode

_HEADER = struct.Struct("<4xIHH")
_END, _FILL = 0x0D, b"\x1a\0 "


def read(data: bytes, out: Reading) -> None:
    """Read a dBase table into `out`. Raises Refused."""
    count, start, size = _HEADER.unpack_from(data)
    names, widths = _fields(data[:start])
    if not names or size < 2:
        raise Refused(State.BROKEN, "the dBase table is broken")
    kept: list[list[str]] = [names]
    gone: list[str] = []
    for number, at in enumerate(range(start, len(data), size)):
        record, place, row = data[at : at + size], 1, []
        if number >= count and not record.strip(_FILL):
            continue
        for width in widths:
            row.append(decode(record[place : place + width]).strip("\0 "))
            place += width
        if record[:1] == b"*" or number >= count > 0:
            gone.append("\t".join(row))
        else:
            kept.append(row)
    out.table(kept, len(kept))
    out.text("\n".join("\t".join(row) for row in kept))
    out.text("\n".join(gone), "deleted records", hidden="deleted records")
    out.hide(counted(len(gone), "deleted record"), len(gone))


def _fields(header: bytes) -> tuple[list[str], list[int]]:
    """Names and widths of the fields."""
    names, widths = [], []
    for at in range(32, len(header) - 31, 32):
        if header[at] == _END:
            break
        names.append(header[at : at + 11].partition(b"\0")[0].decode("cp1252", "replace"))
        widths.append(header[at + 16])
    return names, widths

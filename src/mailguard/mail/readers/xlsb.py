"""Excel binary workbooks (xlsb). Law: cells by calamine under the byte budget; other parts by the walker."""

from __future__ import annotations

import io

import python_calamine as calamine

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers.cells import shown
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.office import rest
from mailguard.mail.readers.sheet import HIDDEN, VERY_HIDDEN, VISIBLE, Sheet
from mailguard.mail.readers.zipbox import ZipBox


def read(data: bytes, out: Reading) -> None:
    """Read an xlsb file into `out`. Raises Refused."""
    box = ZipBox(data, out.budget)
    for info in box.infos:
        if info.filename.lower().endswith(".bin"):
            # Counted before calamine inflates it again without a limit.
            box.read(info)
    _sheets(data, out)
    rest(box, out, set())


def _sheets(data: bytes, out: Reading) -> None:
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
        top, left = found.start
        for line, row in enumerate(found.iter_rows(), top):
            sheet.row({left + at: shown(value) for at, value in enumerate(row) if value != ""}, False, line)
        sheet.close()


def _state(visible: calamine.SheetVisibleEnum) -> str:
    if visible == calamine.SheetVisibleEnum.VeryHidden:
        return VERY_HIDDEN
    return HIDDEN if visible == calamine.SheetVisibleEnum.Hidden else VISIBLE

"""Excel binary workbooks (xlsb). Law: cells by calamine under the byte budget; other parts by the walker."""

from __future__ import annotations

from mailguard.mail.readers import xls
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.office import rest
from mailguard.mail.readers.zipbox import ZipBox


def read(data: bytes, out: Reading) -> None:
    """Read an xlsb file into `out`. Raises Refused."""
    box = ZipBox(data, out.budget)
    for info in box.infos:
        if info.filename.lower().endswith(".bin"):
            # Counted before calamine inflates it again without a limit.
            box.read(info)
    xls.sheets(data, out, xls.Side())
    rest(box, out, set())

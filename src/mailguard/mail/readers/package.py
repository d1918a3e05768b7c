"""Which application a ZIP belongs to. Law: by what is in it; a package nobody knows is an archive."""

from __future__ import annotations

import io
import re
import struct
import zipfile

_MIME = {
    "text": "odt", "spreadsheet": "ods", "presentation": "odp", "graphics": "odg", "formula": "odf", "writer": "odt",
    "calc": "ods", "impress": "odp",
}  # fmt: skip
# Some programs number the main part ("word/document2.xml") or write paths as Windows does.
_MAIN = re.compile(r"^(?:(word)/document|(xl)/workbook|(ppt)/presentation)\d*\.xml$", re.M)
_BASES = ("doc", "xls", "ppt")


def kind(data: bytes) -> str:
    """ "docx", "xlsm", "ods", ... or "zip"."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {part(name).lower() for name in archive.namelist()}
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                with archive.open("mimetype") as file:
                    found = _open_document(file.read(200).decode("latin-1"))
                if found:
                    return found
            if any(name.endswith(".iwa") for name in names) or {"index.zip", "metadata/properties.plist"} <= names:
                return "iwork"
            if "xl/workbook.bin" in names:
                return "xlsb"
            joined = "\n".join(sorted(names))
            if main := _MAIN.search(joined):
                return _BASES[(main.lastindex or 1) - 1] + ("m" if "vbaproject" in joined else "x")
    except (
        zipfile.BadZipFile,
        KeyError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        struct.error,
    ):
        pass
    return "zip"


def part(name: str) -> str:
    """The name of a member as Office takes it."""
    return name.replace("\\", "/").lstrip("/")


def _open_document(mimetype: str) -> str:
    if "opendocument" not in mimetype and "sun.xml" not in mimetype:
        return ""
    return next((kind for word, kind in _MIME.items() if word in mimetype), "")

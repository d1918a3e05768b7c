"""Which application a ZIP belongs to. Law: by what is in it; a package nobody knows is an archive."""

from __future__ import annotations

import io
import struct
import zipfile

_MIME = {
    "text": "odt", "spreadsheet": "ods", "presentation": "odp", "graphics": "odg", "formula": "odf", "writer": "odt",
    "calc": "ods", "impress": "odp",
}  # fmt: skip
_MAIN = (("word/document.xml", "doc"), ("xl/workbook.xml", "xls"), ("ppt/presentation.xml", "ppt"))


def kind(data: bytes) -> str:
    """ "docx", "xlsm", "ods", ... or "zip"."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {name.lower() for name in archive.namelist()}
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                with archive.open("mimetype") as file:
                    found = _open_document(file.read(200).decode("latin-1"))
                if found:
                    return found
            if any(name.endswith(".iwa") for name in names) or {"index.zip", "metadata/properties.plist"} <= names:
                return "iwork"
            if "xl/workbook.bin" in names:
                return "xlsb"
            for part, base in _MAIN:
                if part in names:
                    return base + "x" if "vbaproject" not in " ".join(names) else base + "m"
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


def _open_document(mimetype: str) -> str:
    if "opendocument" not in mimetype and "sun.xml" not in mimetype:
        return ""
    return next((kind for word, kind in _MIME.items() if word in mimetype), "")

"""Pictures.

Law: a kind without text; tesseract reads it where OCR is on, which it never is while a client waits (`mail.reader`).
"""

from __future__ import annotations

from mailguard.mail.contents import State
from mailguard.mail.filetype import LOGO
from mailguard.mail.readers import external
from mailguard.mail.readers.document import Reading


def read(data: bytes, out: Reading) -> None:
    """Note a picture; read its words where the limits allow OCR and it is no mere logo."""
    words = ""
    if out.budget.limits.ocr and len(data) >= LOGO:
        words = external.text("tesseract", [], data, after=("stdout", "-l", "eng"))
    if words.strip():
        out.text(words, "words in the picture")
    else:
        out.refuse(State.NO_TEXT, "")

"""PDF files by PDFium.

Law: forms, notes and files inside are read; a scan is said to be one; a user password is encryption.

PDFium is not safe with threads: one reader process, one document at a time. An owner password alone, or an empty
user password, hinders nobody from reading (ISO 32000-1, 7.6.3).
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import re
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.pdf_deep import descriptions, earlier, metadata
from mailguard.mail.readers.pdf_notes import embedded, read_notes
from mailguard.mail.readers.sheet import counted

_FILE_LIMIT = 100_000_000
_MARKS = 2_000
# Any security handler but the one for passwords: that for certificates, those of shops (ISO 32000-1, 7.6.1, 7.6.4).
_SEALED = re.compile(
    rb"/Filter\s*/(?:Adobe\.PubSec|Adobe\.PPKLite[^>]{0,200}/Recipients|EBX_HANDLER|FOPN_f)", re.DOTALL
)


def read(data: bytes, out: Reading) -> None:
    """Read a PDF into `out`. Raises Refused."""
    start = data.find(b"%PDF-", 0, 1024)
    try:
        document = pypdfium2.PdfDocument(data[start:] if start > 0 else data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise Refused(State.ENCRYPTED, "encrypted with a password") from error
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_SECURITY or _SEALED.search(data):
            raise Refused(State.ENCRYPTED, "encrypted for certificates, or by rights management") from error
        raise Refused(State.BROKEN, "the PDF cannot be opened") from error
    with contextlib.closing(document):
        _document(document, out)
    metadata(data, "\n".join(text.content for text in out.texts), out)
    if out.state is not State.OVER_LIMIT:
        earlier(data, out)


def _document(document: pypdfium2.PdfDocument, out: Reading) -> None:
    with contextlib.suppress(pypdfium2.PdfiumError):
        document.init_forms()
    metadata = document.get_metadata_dict(skip_empty=True)
    out.text("\n".join(f"{key}: {value}" for key, value in metadata.items()), "document properties")
    silent = broken = 0
    for number in range(len(document)):
        try:
            silent += not _page(document, number, out)
        except pypdfium2.PdfiumError:
            broken += 1
        if out.state is State.OVER_LIMIT:
            return
    _outline(document, out)
    _files(document, out)
    _xfa(document, out)
    if broken:
        out.refuse(State.BROKEN, f"{broken} of {len(document)} pages cannot be opened")
    elif silent and silent == len(document) and not out.parts:
        out.refuse(State.NO_TEXT, f"{counted(silent, 'page')} without text (a scan?)")
    elif silent:
        out.why = f"{silent} of {len(document)} pages without text (a scan?)"


def _page(document: pypdfium2.PdfDocument, number: int, out: Reading) -> bool:
    """Read one page; True if it had text. Raises PdfiumError."""
    page = document[number]
    try:
        textpage = page.get_textpage()
        content = str(textpage.get_text_bounded()) if textpage.count_chars() else ""
        # Text outside the page's box is not "bounded": the range gives it, in the order of the file.
        everything = str(textpage.get_text_range(errors="ignore")) if textpage.count_chars() else ""
        textpage.close()
        out.text(content, f"page {number + 1}")
        out.text(_beyond(content, everything), f"page {number + 1}, outside the page")
        out.text(descriptions(page), f"page {number + 1}, descriptions")
        notes = read_notes(document, page, number, out)
        return bool(everything.strip()) or notes
    finally:
        page.close()


def _beyond(content: str, everything: str) -> str:
    """The lines of a page that have words which do not stand inside its box."""
    inside = set(content.split())
    return "\n".join(line for line in everything.splitlines() if not inside.issuperset(line.split()))


def _outline(document: pypdfium2.PdfDocument, out: Reading) -> None:
    with contextlib.suppress(pypdfium2.PdfiumError):
        titles = [mark.get_title() for mark in itertools.islice(document.get_toc(), _MARKS)]
        out.text("\n".join(filter(None, titles)), "outline")


def _files(document: pypdfium2.PdfDocument, out: Reading) -> None:
    for at in range(document.count_attachments()):
        try:
            embedded(document.get_attachment(at), out)
        except pypdfium2.PdfiumError:
            out.unread(f"file {at + 1}", 0, State.BROKEN, "an embedded file cannot be taken out")


def _xfa(document: pypdfium2.PdfDocument, out: Reading) -> None:
    for name, content in _packets(document):
        # What a person filled in, and what the form itself says; a form in one piece has no names.
        if name in {"datasets", "template", ""}:
            out.budget.inflate(len(content))
            out.member(f"{name or 'form'}.xml", content, "application/xml")


def _packets(document: pypdfium2.PdfDocument) -> Iterator[tuple[str, bytes]]:
    """Packets of an XFA form (ISO 32000-1, 12.7.8): the filled-in data are in `datasets`."""
    for at in range(max(0, min(pdfium.FPDF_GetXFAPacketCount(document), 100))):
        size = pdfium.FPDF_GetXFAPacketName(document, at, None, 0)
        title = ctypes.create_string_buffer(max(size, 1))
        pdfium.FPDF_GetXFAPacketName(document, at, title, size)
        length = ctypes.c_ulong()
        pdfium.FPDF_GetXFAPacketContent(document, at, None, 0, length)
        if 0 < length.value < _FILE_LIMIT:
            buffer = ctypes.create_string_buffer(length.value)
            pdfium.FPDF_GetXFAPacketContent(document, at, buffer, length.value, length)
            yield title.value.decode("latin-1"), buffer.raw

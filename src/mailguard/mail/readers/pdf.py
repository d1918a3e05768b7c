"""PDF files by PDFium.

Law: forms, notes and files inside are read; a scan is said to be one; a user password is encryption.

PDFium is not safe with threads: one reader process, one document at a time. An owner password alone, or an empty
user password, hinders nobody from reading (ISO 32000-1, 7.6.3).
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable, Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.sheet import counted

_WIDGET, _HIDDEN_FLAGS = 20, 0x02 | 0x20
_FILE_LIMIT = 100_000_000


def read(data: bytes, out: Reading) -> None:
    """Read a PDF into `out`. Raises Refused."""
    start = data.find(b"%PDF-", 0, 1024)
    try:
        document = pypdfium2.PdfDocument(data[start:] if start > 0 else data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise Refused(State.ENCRYPTED, "encrypted with a password") from error
        raise Refused(State.BROKEN, "the PDF cannot be opened") from error
    with contextlib.closing(document):
        _document(document, out)


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
        outside = len(everything.split()) > len(content.split()) + 3
        out.text(everything if outside or not content.strip() else content, f"page {number + 1}")
        notes = _annotations(document, page, number, out)
        return bool(everything.strip()) or notes
    finally:
        page.close()


def _annotations(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, number: int, out: Reading) -> bool:
    """Read notes and form fields of a page; True if there was text in any."""
    notes: list[str] = []
    fields: list[str] = []
    concealed: list[str] = []
    form = document.formenv.raw if document.formenv else None
    for at in range(min(pdfium.FPDFPage_GetAnnotCount(page), 10_000)):
        annotation = pdfium.FPDFPage_GetAnnot(page, at)
        if not annotation:
            continue
        try:
            hidden = pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN_FLAGS
            if pdfium.FPDFAnnot_GetSubtype(annotation) == _WIDGET:
                line = _field(form, annotation)
                (concealed if hidden else fields).append(line)
            else:
                keys = (b"T", b"Subj", b"Contents")
                values = [_wide(pdfium.FPDFAnnot_GetStringValue, annotation, key) for key in keys]
                if values[2]:
                    notes.append(": ".join(filter(None, values)))
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    out.text("\n".join(filter(None, fields)), f"page {number + 1}, form fields")
    out.text("\n".join(filter(None, concealed)), f"page {number + 1}, hidden form fields", hidden="hidden form fields")
    out.text("\n".join(notes), f"page {number + 1}, notes", hidden="comment")
    out.hide("comments", len(notes), f"page {number + 1}")
    out.hide("hidden form fields", len([line for line in concealed if line]), f"page {number + 1}")
    return bool(notes or any(fields) or any(concealed))


def _field(form: object, annotation: object) -> str:
    if form is None:
        value = _wide(pdfium.FPDFAnnot_GetStringValue, annotation, b"V")
        name = _wide(pdfium.FPDFAnnot_GetStringValue, annotation, b"T")
    else:
        value = _wide(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation)
        name = _wide(pdfium.FPDFAnnot_GetFormFieldName, form, annotation)
    return f"{name}: {value}" if value and value != "Off" else ""


def _wide(call: Callable[..., int], *args: object) -> str:
    """The UTF-16 string of a PDFium getter that wants a buffer and its size in bytes."""
    size = call(*args, None, 0)
    if not 2 < size < 1_000_000:
        return ""
    buffer = ctypes.create_string_buffer(size)
    call(*args, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace").replace("\r", "\n")


def _files(document: pypdfium2.PdfDocument, out: Reading) -> None:
    for at in range(document.count_attachments()):
        try:
            attachment = document.get_attachment(at)
            name, data = attachment.get_name(), bytes(attachment.get_data())
        except pypdfium2.PdfiumError:
            out.unread(f"file {at + 1}", 0, State.BROKEN, "an embedded file cannot be taken out")
            continue
        out.budget.inflate(len(data))
        out.hide(f"embedded file '{name}'")
        out.member(name, data)


def _xfa(document: pypdfium2.PdfDocument, out: Reading) -> None:
    for name, content in _packets(document):
        if name == "datasets":
            out.budget.inflate(len(content))
            out.member("form.xml", content, "application/xml")


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

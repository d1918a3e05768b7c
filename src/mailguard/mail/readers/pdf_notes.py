"""What lies on a PDF page: notes, form fields, links, paper-clips. Law: words a page shows or hides are both read.

ISO 32000-1, 12.5 (annotations) and 12.7 (forms), by PDFium.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import pypdfium2
import pypdfium2.raw as pdfium

from mailguard.mail.contents import State
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.xmlwalk import strip_tags

_LINK, _WIDGET, _HIDDEN_FLAGS = 2, 20, 0x02 | 0x20
_OPTIONS = 1_000


def read_notes(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, number: int, out: Reading) -> bool:
    """Read notes and form fields of a page; True if there was text in any."""
    notes: list[str] = []
    fields: list[str] = []
    concealed: list[str] = []
    links: list[str] = []
    form = document.formenv.raw if document.formenv else None
    for at in range(min(pdfium.FPDFPage_GetAnnotCount(page), 10_000)):
        annotation = pdfium.FPDFPage_GetAnnot(page, at)
        if not annotation:
            continue
        try:
            hidden = pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN_FLAGS
            if pdfium.FPDFAnnot_GetSubtype(annotation) == _WIDGET:
                value, around = _field(form, annotation)
                if hidden:
                    concealed.append("\n".join([value, *around]) if value else "")
                else:
                    fields += [value, *around]
            elif pdfium.FPDFAnnot_GetSubtype(annotation) == _LINK:
                links.append(_address(document, annotation))
            else:
                notes.append(_note(annotation))
                _attached(document, annotation, out)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    out.text("\n".join(filter(None, fields)), f"page {number + 1}, form fields")
    out.text("\n".join(filter(None, concealed)), f"page {number + 1}, hidden form fields", hidden="hidden form fields")
    notes = [note for note in notes if note]
    out.text("\n".join(dict.fromkeys(filter(None, links))), f"page {number + 1}, links")
    out.text("\n".join(notes), f"page {number + 1}, notes", hidden="comment")
    out.hide("comments", len(notes), f"page {number + 1}")
    out.hide("hidden form fields", len([line for line in concealed if line]), f"page {number + 1}")
    return bool(notes or any(fields) or any(concealed))


def _note(annotation: object) -> str:
    """Who notes what: the plain words, or those of the rich text where there are no others."""
    who, subject, words, rich = (
        _wide(pdfium.FPDFAnnot_GetStringValue, annotation, key) for key in (b"T", b"Subj", b"Contents", b"RC")
    )
    words = words or " ".join(strip_tags(rich.encode()).split())
    return ": ".join(filter(None, (who, subject, words))) if words else ""


def _attached(document: pypdfium2.PdfDocument, annotation: object, out: Reading) -> None:
    """The file of a paper-clip on the page."""
    file = pdfium.FPDFAnnot_GetFileAttachment(annotation)
    if file:
        try:
            embedded(pypdfium2.PdfAttachment(file, document), out)
        except pypdfium2.PdfiumError:
            out.unread("file", 0, State.BROKEN, "an embedded file cannot be taken out")


def embedded(attachment: pypdfium2.PdfAttachment, out: Reading) -> None:
    """Read one embedded file. Raises PdfiumError where it cannot be taken out."""
    name, data = attachment.get_name(), bytes(attachment.get_data())
    out.budget.inflate(len(data))
    out.hide(f"embedded file '{name}'")
    out.member(name, data)


def _address(document: pypdfium2.PdfDocument, annotation: object) -> str:
    """Where a link leads outside the document."""
    link = pdfium.FPDFAnnot_GetLink(annotation)
    action = pdfium.FPDFLink_GetAction(link) if link else None
    if not action:
        return ""
    size = pdfium.FPDFAction_GetURIPath(document, action, None, 0)
    if not 1 < size < 10_000:
        return ""
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFAction_GetURIPath(document, action, buffer, size)
    return buffer.raw[: size - 1].decode("utf-8", "replace")


def _field(form: object, annotation: object) -> tuple[str, list[str]]:
    """A field with what is filled in, "" if nothing is; and its tip and the choices it offers."""
    if form is None:
        value = _wide(pdfium.FPDFAnnot_GetStringValue, annotation, b"V")
        name = _wide(pdfium.FPDFAnnot_GetStringValue, annotation, b"T")
    else:
        value = _wide(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation)
        name = _wide(pdfium.FPDFAnnot_GetFormFieldName, form, annotation)
    around: list[str] = []
    if form is not None:
        around.append(_wide(pdfium.FPDFAnnot_GetFormFieldAlternateName, form, annotation))
        for at in range(min(max(0, pdfium.FPDFAnnot_GetOptionCount(form, annotation)), _OPTIONS)):
            around.append(_wide(pdfium.FPDFAnnot_GetOptionLabel, form, annotation, at))
    return f"{name}: {value}" if value and value != "Off" else "", [words for words in around if words]


def _wide(call: Callable[..., int], *args: object) -> str:
    """The UTF-16 string of a PDFium getter that wants a buffer and its size in bytes."""
    size = call(*args, None, 0)
    if not 2 < size < 1_000_000:
        return ""
    buffer = ctypes.create_string_buffer(size)
    call(*args, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace").replace("\r", "\n")

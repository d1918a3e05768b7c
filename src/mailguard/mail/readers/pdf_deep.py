"""What a PDF keeps that no page shows: descriptions of its metadata and pictures, and what earlier saves said.

Law: what was deleted and can be dug out is read, and named as hidden. ISO 32000-1: 14.3.2 (XMP), 14.9.3 (alternate
descriptions), 7.5.6 (a change is appended, so that the file as it was is its own beginning).
"""

from __future__ import annotations

import contextlib
import ctypes
import re
import zlib
from collections.abc import Callable, Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from mailguard.mail.limits import Refused
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.xmlwalk import Attrs, Walker

_METADATA = re.compile(rb"<<[^<>]{0,400}/Metadata[^<>]{0,400}>>\s*stream\r?\n")
_XMP = re.compile(rb"<rdf:RDF.{1,200000}?</rdf:RDF>", re.DOTALL)
_STREAMS, _XMP_LONGEST = 20, 1_000_000
# Numbers and names that programs give; schemas; thumbnails.
_MACHINE = re.compile(
    r"uuid:|D:\d|\d{4}-\d\d-\d\dT|xmp\.|adobe:|urn:|https?://|[\w.+-]+/[\w.+-]+$|[\d\W]+$|\S{60,}", re.IGNORECASE
)
_SKIPPED = frozenset({"image", "schemas", "History", "DerivedFrom", "Producer", "CreatorTool", "format", "conformance"})
_ELEMENTS, _LONGEST = 5_000, 20_000
_SAVES, _PAGES, _SMALLEST = 3, 200, 400
_WORDS = re.compile(r"[^\W_]{2,}")


class _Words(Walker):
    """The values of XMP: text of elements, and attributes of descriptions."""

    mute = Walker.mute | _SKIPPED

    def open(self, tag: str, attrs: Attrs) -> None:
        if tag == "Description":
            self.write("\n" + "\n".join(value for key, value in attrs.items() if key not in _SKIPPED) + "\n")

    def shut(self, tag: str) -> None:
        self.write("\n")


def metadata(data: bytes, known: str, out: Reading) -> None:
    """Read XMP, packed or not, for values that `known`, the document's own properties, does not say."""
    lines: dict[str, None] = {}
    for packet in _packets(data, out):
        for found in _XMP.findall(packet):
            walker = _Words()
            with contextlib.suppress(Refused):
                walker.walk(found.replace(b"\0", b""))
            lines.update(dict.fromkeys(line.strip() for line in walker.result().splitlines()))
    out.text("\n".join(line for line in lines if line and line not in known and not _MACHINE.match(line)), "metadata")


def _packets(data: bytes, out: Reading) -> Iterator[bytes]:
    for match, _ in zip(_METADATA.finditer(data), range(_STREAMS), strict=False):
        start = match.end()
        if data[start : start + 1] == b"x":
            with contextlib.suppress(zlib.error):
                packet = zlib.decompressobj().decompress(data[start:], _XMP_LONGEST)
                out.budget.inflate(len(packet))
                yield packet
        else:
            stop = data.find(b"endstream", start)
            yield data[start : stop if stop >= 0 else len(data)][:_XMP_LONGEST]


def descriptions(page: pypdfium2.PdfPage) -> str:
    """What stands for pictures of a page, for those who do not see them."""
    tree = pdfium.FPDF_StructTree_GetForPage(page)
    if not tree:
        return ""
    found: dict[str, None] = {}
    try:
        waiting = [
            pdfium.FPDF_StructTree_GetChildAtIndex(tree, at) for at in range(pdfium.FPDF_StructTree_CountChildren(tree))
        ]
        for _ in range(_ELEMENTS):
            if not waiting:
                break
            if element := waiting.pop():
                for call in (pdfium.FPDF_StructElement_GetAltText, pdfium.FPDF_StructElement_GetTitle):
                    if words := _wide(call, element).strip():
                        found[words] = None
                count = min(pdfium.FPDF_StructElement_CountChildren(element), _ELEMENTS)
                waiting += [pdfium.FPDF_StructElement_GetChildAtIndex(element, at) for at in range(count)]
    finally:
        pdfium.FPDF_StructTree_Close(tree)
    return "\n".join(found)


def _wide(call: Callable[..., int], element: object) -> str:
    size = call(element, None, 0)
    if not 2 < size < _LONGEST:
        return ""
    buffer = ctypes.create_string_buffer(size)
    call(element, buffer, size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")


def earlier(data: bytes, out: Reading) -> None:
    """Words that the file said before its last saves, and does not say now."""
    ends = [match.end() for match in re.finditer(rb"%%EOF", data)][:-1]
    now = set(_WORDS.findall("\n".join(text.content for text in out.texts)))
    for end in reversed(ends[-_SAVES:]):
        if end < _SMALLEST:
            continue
        with contextlib.suppress(pypdfium2.PdfiumError), contextlib.closing(pypdfium2.PdfDocument(data[:end])) as file:
            gone = [line for number in range(min(len(file), _PAGES)) for line in _lines(file, number)]
            gone = [line for line in gone if not now.issuperset(_WORDS.findall(line))]
            out.text("\n".join(gone), "an earlier save", hidden="text of an earlier save")
            out.hide("text of an earlier save", len(gone))
            now.update(_WORDS.findall("\n".join(gone)))


def _lines(file: pypdfium2.PdfDocument, number: int) -> list[str]:
    page = file[number]
    try:
        text = page.get_textpage()
        lines = str(text.get_text_range(errors="ignore")).splitlines() if text.count_chars() else []
        text.close()
        return lines
    finally:
        page.close()

"""Documents made by code, as small as their formats allow."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
import zlib
from itertools import pairwise

import pypdfium2

from mailguard.mail.limits import Limits
from mailguard.mail.readers.dispatch import read_document
from mailguard.mail.readers.document import Document

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def read(data: bytes, name: str = "file", declared: str = "", limits: Limits | None = None) -> Document:
    return read_document(data, name, declared, limits or Limits())


def said(document: Document) -> str:
    return "\n".join(text.content for text in document.texts)


def hidden(document: Document) -> dict[str, int]:
    return {item.what: item.count for item in document.hidden}


def unseen(document: Document) -> dict[str, str]:
    return {text.hidden: text.content for text in document.texts if text.hidden}


def zipped(parts: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def docx(body: str, **parts: str | bytes) -> bytes:
    """A Word file; `parts` by path with "__" for "/" and "_xml" endings."""
    named = {name.replace("__", "/").replace("_xml", ".xml"): content for name, content in parts.items()}
    return zipped(
        {
            "[Content_Types].xml": TYPES,
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            **named,
        }
    )


def sheet_xml(rows: str, before: str = "", after: str = "") -> str:
    return f"<worksheet {S}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>"


def xlsx(
    sheets: list[tuple[str, str, str]], strings: list[str] | None = None, formats: str = "", **parts: str
) -> bytes:
    """An Excel file of (name, state, sheet XML); `parts` as in `docx`."""
    named = {name.replace("__", "/").replace("_xml", ".xml"): content for name, content in parts.items()}
    listed = "".join(
        f'<sheet name="{name}" sheetId="{at}" state="{state}" r:id="rId{at}"/>'
        for at, (name, state, _) in enumerate(sheets, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{at}" Type="t" Target="worksheets/sheet{at}.xml"/>' for at in range(1, len(sheets) + 1)
    )
    shared = "".join(f"<si><t>{string}</t></si>" for string in strings or [])
    return zipped(
        {
            "[Content_Types].xml": TYPES,
            "xl/workbook.xml": f"<workbook {S} {R}><sheets>{listed}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f"<Relationships>{relations}</Relationships>",
            "xl/sharedStrings.xml": f"<sst {S}>{shared}</sst>",
            "xl/styles.xml": f"<styleSheet {S}>{formats}</styleSheet>",
            **{f"xl/worksheets/sheet{at}.xml": xml for at, (_, _, xml) in enumerate(sheets, 1)},
            **named,
        }
    )


def pdf(text: str, extra: dict[int, str] | None = None, page: str = "", catalog: str = "") -> bytes:
    """A one-page PDF that shows `text`; `extra` objects from number 6 on."""
    shown = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode("latin-1")
    objects = {
        1: f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R "
        f"/Resources << /Font << /F1 5 0 R >> >> {page} >>".encode(),
        4: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        **{number: value.encode("latin-1") for number, value in (extra or {}).items()},
    }
    return pdf_of(objects, "")


def pdf_of(objects: dict[int, bytes], trailer: str) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, value in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    start, count = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % count
    for number in range(1, count):
        out += b"%010d 00000 n \n" % places.get(number, 0)
    out += f"trailer\n<< /Size {count} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def cfb(streams: dict[str, bytes]) -> bytes:
    """A compound file (MS-CFB, version 3). Paths with "/"; streams are padded to 4096 bytes, so none is "mini"."""
    entries: list[tuple[str, int, bytes]] = [("Root Entry", 5, b"")]
    children: dict[str, list[int]] = {"": []}
    at_path = {"": 0}
    for path, data in streams.items():
        folder = ""
        *storages, leaf = path.split("/")
        for storage in storages:
            inner = f"{folder}/{storage}" if folder else storage
            if inner not in at_path:
                at_path[inner] = len(entries)
                children[folder].append(len(entries))
                children[inner] = []
                entries.append((storage, 1, b""))
            folder = inner
        children[folder].append(len(entries))
        entries.append((leaf, 2, data.ljust(4096, b"\0")))
    table: list[int] = []
    body = bytearray()
    starts = {}

    def place(data: bytes) -> int:
        count = max(1, -(-len(data) // 512))
        start = len(table)
        table.extend([*range(start + 1, start + count), END])
        body.extend(data.ljust(count * 512, b"\0"))
        return start

    for number, (_, kind, data) in enumerate(entries):
        starts[number] = place(data) if kind == 2 else END
    by_number = {number: path for path, number in at_path.items()}
    siblings: dict[int, int] = {}
    for group in children.values():
        siblings.update(dict(pairwise(group)))
    directory = bytearray()
    for number, (name, kind, data) in enumerate(entries):
        encoded = name.encode("utf-16-le") + b"\0\0"
        child = children.get(by_number.get(number, "?"), [])
        directory += encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded), kind, 1)
        directory += struct.pack("<III", FREE, siblings.get(number, FREE), child[0] if child else FREE)
        directory += bytes(36) + struct.pack("<IQ", starts[number], len(data))
    first_directory = place(bytes(directory).ljust(-(-len(directory) // 512) * 512, b"\0"))
    fats = 1
    while fats * 128 < len(table) + fats:
        fats += 1
    first_fat = len(table)
    table.extend([FAT] * fats)
    table.extend([FREE] * (fats * 128 - len(table)))
    body += struct.pack(f"<{len(table)}I", *table)
    head = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, fats, first_directory, 0, 4096, END, 0, END, 0)
    difat = [*range(first_fat, first_fat + fats), *[FREE] * (109 - fats)]
    return head + struct.pack("<109I", *difat) + bytes(body)


def doc(stories: list[str], marks: list[tuple[int, int, int]] | None = None) -> bytes:
    """A Word 97 file of stories (main, footnotes, headers, macros, comments, ...); `marks`: (from, to, sprm)."""
    text = "".join(stories)
    encoded = text.encode("utf-16-le")
    word = bytearray(0x400)
    struct.pack_into("<H", word, 0, 0xA5EC)
    struct.pack_into(f"<{len(stories)}i", word, 0x4C, *map(len, stories))
    word += encoded
    word += bytes(-len(word) % 512)
    clx = b"\x02" + struct.pack("<I", 16) + struct.pack("<II", 0, len(text)) + struct.pack("<HIH", 0, 0x400, 0)
    table = bytearray(clx)
    struct.pack_into("<II", word, 0x01A2, 0, len(clx))
    if marks:
        page = bytearray(512)
        bounds = [0x400 + 2 * marks[0][0]]
        for number, (_, end, sprm) in enumerate(marks):
            bounds.append(0x400 + 2 * end)
            offset = 400 + number * 8
            page[offset : offset + 4] = struct.pack("<BHB", 3, sprm, 1)
            page[4 * (len(marks) + 1) + number] = offset // 2
        struct.pack_into(f"<{len(bounds)}I", page, 0, *bounds)
        page[511] = len(marks)
        struct.pack_into("<II", word, 0xFA, len(table), 12)
        table += struct.pack("<III", 0x400, 0x400 + len(encoded), len(word) // 512)
        word += page
    return cfb({"WordDocument": bytes(word), "0Table": bytes(table)})


def biff(*records: tuple[int, bytes]) -> bytes:
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in records)


def short_string(text: str) -> bytes:
    return struct.pack("<HB", len(text), 0) + text.encode("latin-1")


def xls(sheets: list[tuple[str, int, list[tuple[int, bytes]]]]) -> bytes:
    """An Excel 97 file of (name, visibility, records of the sheet)."""
    start = (0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    begin = (0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    bodies = [biff(begin, *records, (0x0A, b"")) for _, _, records in sheets]

    def globals_at(offset: int) -> bytes:
        listed = []
        for (name, state, _), body in zip(sheets, bodies, strict=True):
            listed.append((0x85, struct.pack("<IBBBB", offset, state, 0, len(name), 0) + name.encode("latin-1")))
            offset += len(body)
        return biff(start, (0x42, struct.pack("<H", 1200)), *listed, (0x0A, b""))

    size = len(globals_at(0))
    return cfb({"Workbook": globals_at(size) + b"".join(bodies)})


def label(row: int, column: int, text: str) -> tuple[int, bytes]:
    return 0x204, struct.pack("<HHH", row, column, 0) + short_string(text)


def vint(value: int) -> bytes:
    """A number as RAR 5 writes it."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def rar5(files: dict[str, bytes], locked: tuple[str, ...] = (), headers_locked: bool = False, size: int = 0) -> bytes:
    """A RAR 5 archive of stored files; those in `locked` carry an encryption record. `size`: a false unpacked size."""

    def block(head: bytes, content: bytes = b"") -> bytes:
        sized = vint(len(head)) + head
        return struct.pack("<I", zlib.crc32(sized)) + sized + content

    out = b"Rar!\x1a\x07\x01\x00"
    out += block(b"\x04\x00\x00\x00\x0f" + bytes(16)) if headers_locked else block(b"\x01\x00\x00")
    for name, content in files.items():
        record = b"\x01\x00\x00\x0f" + bytes(32) if name in locked else b""
        extra = vint(len(record)) + record if record else b""
        head = b"\x02" + vint(3 if extra else 2) + (vint(len(extra)) if extra else b"") + vint(len(content))
        head += vint(4) + vint(size or len(content)) + vint(0x20) + struct.pack("<I", zlib.crc32(content))
        out += block(head + b"\x00\x01" + vint(len(name)) + name.encode() + extra, content)
    return out + block(b"\x05\x00\x00")


def picture(text: str) -> bytes:
    """A PNG that shows `text` in black on white, as a page of a PDF would."""
    with contextlib.closing(pypdfium2.PdfDocument(pdf(text))) as document:
        bitmap = document[0].render(scale=3, grayscale=True)
        rows = bytes(bitmap.buffer)
        lines = b"".join(b"\0" + rows[at : at + bitmap.width] for at in range(0, len(rows), bitmap.stride))
        size = struct.pack(">II", bitmap.width, len(rows) // bitmap.stride)
    chunks = ((b"IHDR", size + b"\x08\0\0\0\0"), (b"IDAT", zlib.compress(lines, 0)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )

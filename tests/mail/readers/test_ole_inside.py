"""What is packed in old Office files: whole documents, drawings with words; and sheets no library lays out."""

import struct
import zlib

import pytest

from mailguard.mail.contents import State
from mailguard.mail.readers.ole_pack import MOST, pack

from .specimens import biff, cfb, doc, hidden, label, read, said, unseen, xls

BEGIN = struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)
GLOBALS = struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)


def atom(kind: int, body: bytes, instance: int = 0) -> bytes:
    return struct.pack("<HHI", instance << 4 | (0xF if kind in {1000, 1006, 1016} else 0), kind, len(body)) + body


def drawing(number: int, text: str) -> bytes:
    """A table of two properties: a colour, and words (MS-ODRAW 2.2.9)."""
    words = text.encode("utf-16-le") + b"\0\0"
    body = struct.pack("<HIHI", 0x181, 7, 0x8000 | number, len(words)) + words
    return struct.pack("<HHI", 2 << 4 | 3, 0xF00B, len(body)) + body


def ppt(content: bytes, user: bytes = b"") -> bytes:
    return cfb({"PowerPoint Document": content, "Current User": user or bytes(20)})


def book(*records: tuple[int, bytes]) -> bytes:
    return xls([("One", 0, list(records))])


@pytest.mark.parametrize("number", [0x00C0, 0x0381, 0x038D, 0x0105])
def test_words_of_drawings(number: int):
    table = drawing(number, "Happy birthday Ann Lee")
    slide = atom(1006, atom(4008, b"Slide") + table)
    assert "Happy birthday Ann Lee" in said(read(ppt(slide), "a.ppt"))
    assert "Happy birthday Ann Lee" in said(read(book(label(0, 0, "x"), (0xEC, table)), "a.xls"))
    assert "Happy birthday Ann Lee" in said(
        read(book(label(0, 0, "x"), (0xEC, table[:20]), (0xEC, table[20:])), "a.xls")
    )


def test_what_only_looks_like_a_table_of_words_is_none():
    table = bytearray(drawing(0x00C0, "Happy birthday"))
    table[4:8] = struct.pack("<I", 5)
    assert "Happy" not in said(read(ppt(atom(1006, atom(4008, b"Slide") + bytes(table))), "a.ppt"))


@pytest.mark.parametrize("packed", [True, False])
def test_a_document_in_a_presentation(packed: bool):
    inner = book(label(0, 0, "Ann Lee"), (0x203, struct.pack("<HHHd", 0, 1, 0, 9434765919.0)))
    body = struct.pack("<I", len(inner)) + zlib.compress(inner) if packed else inner
    document = read(ppt(atom(1006, atom(4008, b"Slide")) + atom(0x1011, body, int(packed))), "a.ppt")
    assert "Ann Lee\t9434765919" in said(document)
    assert hidden(document) == {"embedded object": 1}
    assert document.parts[0].kind == "xls"


def test_a_damaged_object_in_a_presentation_is_named():
    document = read(ppt(atom(1006, atom(4008, b"Slide")) + atom(0x1011, b"\x00\x10\x00\x00x\x9cnonsense", 1)), "a.ppt")
    assert [part.state for part in document.parts] == [State.BROKEN]


def test_slides_that_only_the_directory_of_saves_points_to():
    """Records with a gap between them, as some programs leave."""
    front, gap = atom(1000, atom(4008, b"Front")), b"\0\0\0\0\xff\xff\xff\x0f"
    slide = atom(1006, atom(4008, b"Mrs Hughes owes rent"))
    place = len(front) + len(gap)
    directory = place + len(slide)
    table = atom(6002, struct.pack("<II", 1 << 20 | 1, place))
    edit = atom(4085, struct.pack("<IIIIII", 0, 0, 0, directory, 0, 0))
    content = front + gap + slide + table + edit
    user = bytes(16) + struct.pack("<I", directory + len(table))
    assert "Mrs Hughes owes rent" in said(read(ppt(content, user), "a.ppt"))
    assert "Mrs Hughes" not in said(read(ppt(content), "a.ppt"))


def test_a_workbook_in_a_letter_is_read_by_its_cells():
    inner = [label(0, 0, "Ann Lee"), (0x203, struct.pack("<HHHd", 0, 1, 0, 9434765919.0))]
    stream = biff((0x809, GLOBALS), (0x0A, b""), (0x809, BEGIN), *inner, (0x0A, b""))
    letter = doc(["Dear Ann\r"])
    streams = {"WordDocument": stream_of(letter, "WordDocument"), "0Table": stream_of(letter, "0Table")}
    document = read(cfb({**streams, "ObjectPool/_1/Workbook": stream}), "a.doc")
    assert "Dear Ann" in said(document)
    assert "Ann Lee\t9434765919" in said(document)
    assert document.parts[0].kind == "xls"


def stream_of(data: bytes, name: str) -> bytes:
    import io

    import olefile

    with olefile.OleFileIO(io.BytesIO(data)) as file:
        return bytes(file.openstream(name).read())


def test_a_packed_storage_is_a_compound_file():
    import io

    import olefile

    streams = {("a",): b"one", ("s", "b"): b"two" * 3000, **{(f"n{at}",): bytes([at]) for at in range(40)}}
    with olefile.OleFileIO(io.BytesIO(pack(streams))) as file:
        for path, data in streams.items():
            assert file.openstream(list(path)).read().rstrip(b"\0") == data.rstrip(b"\0")
    with pytest.raises(ValueError, match="too large"):
        pack({("a",): bytes(MOST + 1)})


def test_a_stray_cell_in_the_last_corner_costs_nothing():
    document = read(book(label(0, 0, "Ann Lee"), label(65_535, 255, "far away")), "a.xls")
    assert document.state is State.READ
    assert "Ann Lee\nfar away" in said(document)


def test_numbers_under_a_mask_and_under_a_format_that_is_no_date():
    def code(number: int, text: str) -> tuple[int, bytes]:
        return 0x41E, struct.pack("<HHB", number, len(text), 0) + text.encode()

    def style(number: int) -> tuple[int, bytes]:
        return 0xE0, struct.pack("<HH16x", 0, number)

    cells = [
        *(code(170, "00000000000"), code(50, "0.00000E+00"), code(171, "dd/mm/yyyy")),
        *(style(0), style(170), style(50), style(171)),
        (0x203, struct.pack("<HHHd", 0, 0, 1, 7700900123.0)),
        (0x203, struct.pack("<HHHd", 0, 1, 2, 9434765919.0)),
        (0x27E, struct.pack("<HHHi", 0, 2, 3, 29348 << 2 | 2)),
        (0xBD, struct.pack("<HH", 1, 0) + struct.pack("<HiHi", 0, 5 << 2 | 2, 0, 123 << 2 | 3) + struct.pack("<H", 1)),
    ]
    text = said(read(book(*cells), "a.xls"))
    assert "07700900123\t9434765919\t07/05/1980" in text
    assert "5\t1.23" in text


def test_strings_that_go_on_in_the_next_record_and_those_no_cell_shows():
    first = struct.pack("<II", 3, 3) + struct.pack("<HB", 8, 0) + b"Ann "
    second = b"\x01" + "Lee".encode("utf-16-le") + "!".encode("utf-16-le")
    second += struct.pack("<HB", 5, 0) + b"Homes" + struct.pack("<HBH", 4, 8, 1) + b"gone" + bytes(4)
    shown = (0xFD, struct.pack("<HHHI", 0, 0, 0, 0)), (0xFD, struct.pack("<HHHI", 0, 1, 0, 1))
    stream = biff((0x809, GLOBALS), (0xFC, first), (0x3C, second), (0x0A, b""), (0x809, BEGIN), *shown, (0x0A, b""))
    document = read(cfb({"Workbook": stream}), "a.xls")
    assert "Ann Lee!\tHomes" in said(document)
    assert unseen(document)["unused strings"] == "gone"


def test_words_of_charts():
    series = (0x100D, struct.pack("<HBB", 0, 7, 0) + b"Ann Lee")
    chart = (0x809, struct.pack("<HHHHII", 0x600, 0x20, 0, 0, 0, 0))
    text = said(read(book(label(0, 0, "x"), chart, series, label(0, 0, "41 Elm Row"), (0x0A, b"")), "a.xls"))
    assert "Ann Lee\n41 Elm Row" in text


def test_strings_of_a_formula_and_of_excel_95():
    formula = struct.pack("<HHH", 0, 0, 0) + b"\0\0\0\0\0\0\xff\xff" + bytes(8)
    assert "owes rent" in said(read(book((0x06, formula), (0x207, struct.pack("<HB", 9, 0) + b"owes rent")), "a.xls"))
    old = struct.pack("<HHHH", 0x500, 0x10, 0, 0)
    globals_ = (0x809, struct.pack("<HHHH", 0x500, 5, 0, 0))
    cell = (0x204, struct.pack("<HHHH", 0, 0, 0, 3) + "Ŵan".encode("iso8859-14"))
    stream = biff(globals_, (0x42, struct.pack("<H", 28604)), (0x0A, b""), (0x809, old), cell, (0x0A, b""))
    assert "Ŵan" in said(read(cfb({"Book": stream}), "a.xls"))


def test_a_password_of_excel_95_is_encryption():
    globals_ = (0x809, struct.pack("<HHHH", 0x500, 5, 0, 0))
    stream = biff(globals_, (0x2F, struct.pack("<HH", 1, 2)), (0x0A, b""))
    assert read(cfb({"Book": stream}), "a.xls").state is State.ENCRYPTED


def test_a_workbook_without_the_end_of_a_sheet_is_broken():
    stream = biff((0x809, GLOBALS), (0x0A, b""), (0x809, BEGIN), label(0, 0, "Ann Lee"))
    document = read(cfb({"Workbook": stream}), "a.xls")
    assert document.state is State.BROKEN
    assert "Ann Lee" in said(document)

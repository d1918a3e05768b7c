"""Excel binary workbooks: cells, and all that is hidden in them or stands beside them."""

import struct

import pytest

from mailguard.mail.contents import State

from .specimens import hidden, read, said, unseen, zipped


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def record(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(body)
    return head + (bytes([size]) if size < 0x80 else bytes([size & 0x7F | 0x80, size >> 7])) + body


def row(number: int, hidden: bool = False) -> bytes:
    return record(0, struct.pack("<IIHBB", number, 0, 300, 0, 0x10 if hidden else 0) + bytes(5))


def cell(kind: int, column: int, value: bytes, style: int = 0) -> bytes:
    return record(kind, struct.pack("<II", column, style) + value)


def book(sheets: list[tuple[str, int, bytes]], shared: tuple[str, ...] = (), **parts: bytes) -> bytes:
    named = {key.replace("__", "/") + ".bin": data for key, data in parts.items()}
    listed, relations = b"", ""
    for number, (name, state, data) in enumerate(sheets, 1):
        listed += record(156, struct.pack("<II", state, number) + wide(f"r{number}") + wide(name))
        relations += f'<Relationship Id="r{number}" Target="worksheets/s{number}.bin"/>'
        named[f"xl/worksheets/s{number}.bin"] = data
    return zipped(
        {
            "xl/workbook.bin": record(153, bytes(8)) + listed,
            "xl/_rels/workbook.bin.rels": f"<Relationships>{relations}</Relationships>",
            "xl/sharedStrings.bin": b"".join(record(19, b"\0" + wide(text)) for text in shared),
            **named,
        }
    )


def test_cells_as_people_see_them():
    styles = record(44, struct.pack("<H", 170) + wide("00000000000")) + record(47, bytes(16)) + record(617, bytes(4))
    styles += record(47, struct.pack("<HH", 0, 0) + bytes(12)) + record(47, struct.pack("<HH", 0, 170) + bytes(12))
    styles += record(47, struct.pack("<HH", 0, 14) + bytes(12)) + record(618)
    cells = row(0) + cell(7, 0, struct.pack("<I", 0)) + cell(6, 1, wide("Word 4")) + cell(8, 2, wide("owes") + bytes(6))
    cells += row(1) + cell(5, 0, struct.pack("<d", 9434765919.0)) + cell(9, 1, struct.pack("<d", 7700900123.0), 1)
    cells += cell(2, 2, struct.pack("<i", 29348 << 2 | 2), 2) + cell(4, 3, b"\1") + cell(62, 4, b"\1" + wide("rich"))
    document = read(book([("One", 0, cells)], ("Ann Lee",), xl__styles=styles), "list.xlsb")
    assert (document.kind, document.state) == ("xlsb", State.READ)
    assert document.tables[0].rows == (
        ("Ann Lee", "Word 4", "owes"),
        ("9434765919", "07700900123", "07/05/1980", "TRUE", "rich"),
    )


def test_all_that_is_hidden_is_told():
    column = record(60, struct.pack("<IIIIH", 1, 1, 2000, 0, 1))
    first = column + row(0) + cell(6, 0, wide("Ann")) + cell(6, 1, wide("ill")) + row(1, hidden=True)
    first += cell(6, 0, wide("Bob Hill"))
    deep = row(0) + cell(6, 0, wide("deep"))
    note = record(632, wide("Carl Ash")) + record(637, b"\0" + wide("owes rent"))
    cache = record(20, struct.pack("<I", 1)) + record(24, wide("Dee Oak")) + record(21, struct.pack("<d", 9434765919.0))
    link = record(368, struct.pack("<I", 0) + wide("Eve Elm"))
    document = read(
        book(
            [("Staff", 0, first), ("Data", 2, deep), ("Old", 1, deep)],
            ("Mrs Gone",),
            xl__comments1=note,
            xl__pivotCache__pivotCacheDefinition1=cache,
            xl__externalLinks__externalLink1=link,
        ),
        "list.xlsb",
    )
    assert hidden(document) == {
        "1 hidden row in sheet 'Staff'": 1,
        "1 hidden column in sheet 'Staff'": 1,
        "very hidden sheet 'Data'": 1,
        "hidden sheet 'Old'": 1,
        "1 unused string": 1,
        "comments": 1,
        "pivot cache with 2 values": 2,
        "external link cache with 1 value": 1,
    }
    assert unseen(document)["comment"] == "Carl Ash\nowes rent"
    assert unseen(document)["pivot cache"] == "Dee Oak\n9434765919"
    assert unseen(document)["external link cache"] == "Eve Elm"
    assert "Bob Hill" in said(document)


def test_words_of_parts_that_nobody_named():
    document = read(book([("One", 0, row(0))], xl__tables__table1=record(343, wide("Mrs Hughes"))), "list.xlsb")
    assert "Mrs Hughes" in said(document)


@pytest.mark.parametrize("cut", [4, 9])
def test_a_damaged_record_is_named_and_costs_itself_alone(cut: int):
    cells = row(0) + cell(6, 0, wide("Ann")[:cut]) + cell(6, 1, wide("owes rent"))
    document = read(book([("One", 0, cells)]), "list.xlsb")
    assert document.state is State.BROKEN
    assert "owes rent" in said(document)


def test_a_cell_in_the_last_corner_costs_nothing():
    cells = row(0) + cell(6, 0, wide("Ann")) + row(1_048_575) + cell(6, 16_383, wide("far away"))
    assert "Ann\nfar away" in said(read(book([("One", 0, cells)]), "list.xlsb"))

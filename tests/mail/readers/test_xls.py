"""Excel 97 files: cells, and the records beside them."""

import struct

from mailguard.mail.contents import State

from .specimens import cfb, hidden, label, read, said, short_string, unseen, xls


def test_cells_hidden_sheets_rows_and_columns():
    rows = [
        (0x7D, struct.pack("<HHHHHH", 1, 1, 0, 0, 1, 0)),
        (0x208, struct.pack("<HHHHHHHH", 1, 0, 2, 0, 0, 0, 0x20, 0)),
        label(0, 0, "Name"),
        label(0, 1, "Reason"),
        label(1, 0, "Ann Lee"),
        (0x203, struct.pack("<HHHd", 2, 0, 0, 9434765919.0)),
    ]
    document = read(
        xls([("One", 0, rows), ("Data", 2, [label(0, 0, "deep")]), ("Old", 1, [label(0, 0, "past")])]), "list.xls"
    )
    assert (document.kind, document.state) == ("xls", State.READ)
    assert document.tables[0].rows == (("Name", "Reason"), ("Ann Lee",), ("9434765919",))
    assert hidden(document) == {
        "1 hidden row in sheet 'One'": 1,
        "1 hidden column in sheet 'One'": 1,
        "very hidden sheet 'Data'": 1,
        "hidden sheet 'Old'": 1,
    }


def test_comments_headers_and_link_caches():
    records = [
        label(0, 0, "x"),
        (0x1C, bytes(8)),
        (0x1B6, bytes(18)),
        (0x3C, b"\x00owes rent"),
        (0x14, short_string('&C&"Arial"Case 4411')),
        (0x5A, bytes(4) + b"\x02" + short_string("Mrs Hughes") + b"\x01" + struct.pack("<d", 42.0)),
    ]
    document = read(xls([("One", 0, records)]))
    assert unseen(document)["comment"] == "owes rent"
    assert unseen(document)["external link cache"] == "Mrs Hughes\n42"
    assert "Case 4411" in said(document)
    assert "Arial" not in said(document)
    assert hidden(document) == {"comments": 1, "external link cache with 2 values": 2}


def test_a_broken_workbook():
    assert read(cfb({"Workbook": b"\x09\x08\x10\x00 nonsense"})).state is State.BROKEN


def test_names_of_sheets_and_what_validations_say():
    said_to = [short_string(text) for text in ("for Ann", "x", "her number", "not that")]
    items = b"Hughes\0Lees"
    rule = bytes(4) + b"".join(said_to) + struct.pack("<HH", len(items) + 3, 0) + bytes([0x17, len(items), 0]) + items
    document = read(xls([("Mrs Hughes", 0, [label(0, 0, "a"), (0x1BE, rule)])]))
    words = said(document)
    for part in ("Mrs Hughes", "for Ann", "her number", "not that", "Lees"):
        assert part in words, part

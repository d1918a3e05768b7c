"""Tables of old programs: dBase, and Excel before it had a container."""

import struct

from mailguard.mail.contents import State

from .specimens import biff, hidden, read, said, unseen


def dbf(fields: dict[str, int], records: list[tuple[bytes, tuple[str, ...]]]) -> bytes:
    """A dBase III table of character fields; each record with its mark, " " or "*"."""
    described = b"".join(
        name.encode().ljust(11, b"\0") + b"C" + bytes(4) + bytes([width]) + bytes(15) for name, width in fields.items()
    )
    size = 1 + sum(fields.values())
    head = struct.pack("<4BIHH20x", 3, 126, 1, 31, len(records), 33 + len(described), size)
    body = b"".join(
        mark + b"".join(v.encode().ljust(w) for v, w in zip(values, fields.values(), strict=True))
        for mark, values in records
    )
    return head + described + b"\r" + body + b"\x1a"


def test_a_dbase_table_and_its_deleted_records():
    data = dbf({"NAME": 20, "NHS": 10}, [(b" ", ("Ann Lee", "9434765919")), (b"*", ("Mrs Hughes", "4010232137"))])
    document = read(data, "register.dbf")
    assert (document.kind, document.state) == ("dbf", State.READ)
    assert document.tables[0].rows == (("NAME", "NHS"), ("Ann Lee", "9434765919"))
    assert unseen(document) == {"deleted records": "Mrs Hughes\t4010232137"}
    assert hidden(document) == {"1 deleted record": 1}


def test_excel_before_it_had_a_container():
    new = biff(
        (0x409, struct.pack("<HHH", 0x400, 0x10, 0)),
        (0x204, struct.pack("<HHHH", 0, 0, 0, 10) + b"Mrs Hughes"),
        (0x203, struct.pack("<HHHd", 0, 1, 0, 9434765919.0)),
        (0x27E, struct.pack("<HHHi", 1, 0, 0, 1234 << 2 | 3)),
        (0x204, b"cut"),
        (0x0A, b""),
    )
    document = read(new, "list.xls")
    assert (document.kind, document.tables[0].rows) == ("excel-4", (("Mrs Hughes", "9434765919"), ("12.34",)))
    old = biff(
        (0x009, struct.pack("<HH", 2, 0x10)),
        (0x04, struct.pack("<HH3sB", 0, 0, b"", 7) + b"Ann Lee"),
        (0x02, struct.pack("<HH3sH", 0, 1, b"", 1980)),
    )
    assert "Ann Lee\t1980" in said(read(old))


def test_records_that_the_header_does_not_count_are_read():
    rows = [(b" ", ("Ann Lee", "9434765919")), (b" ", ("Mrs Hughes", "4010232137"))]
    data = dbf({"NAME": 20, "NHS": 10}, rows)
    fewer = read(data[:4] + struct.pack("<I", 1) + data[8:], "register.dbf")
    assert fewer.tables[0].rows == (("NAME", "NHS"), ("Ann Lee", "9434765919"))
    assert unseen(fewer) == {"deleted records": "Mrs Hughes\t4010232137"}
    uncounted = read(data[:4] + bytes(4) + data[8:], "register.dbf")
    assert len(uncounted.tables[0].rows) == 3
    assert not hidden(read(data + bytes(500), "register.dbf"))


def test_words_that_a_formula_gives_in_old_excel():
    words = (
        ((0x406, struct.pack("<HHH", 0, 0, 0) + b"\0" * 6 + b"\xff\xff"), (0x207, struct.pack("<H", 7) + b"Ann Lee")),
        ((0x006, struct.pack("<HH3s", 0, 0, b"") + b"\0" * 6 + b"\xff\xff"), (0x07, b"\x07Ann Lee")),
    )
    for formula, string in words:
        assert "Ann Lee" in said(read(biff((0x409, struct.pack("<HHH", 0x400, 0x10, 0)), formula, string)))

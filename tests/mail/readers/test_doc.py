"""Word 97 files: all stories, hidden and deleted runs, encryption."""

import struct

from mailguard.mail.contents import State

from .specimens import cfb, doc, hidden, read, said, unseen


def test_stories_and_tables():
    data = doc(["Dear Ann\rName\x07Born\x07\x07Bob\x071980\x07\x07\r", "small print\r", "top line\r", "", "is she?\r"])
    document = read(data, "letter.doc")
    assert (document.kind, document.state) == ("doc", State.READ)
    assert [text.where for text in document.texts] == [
        "letter.doc",
        "letter.doc, footnotes",
        "letter.doc, headers and footers",
        "letter.doc, comments",
    ]
    assert document.tables[0].rows[-2:] == (("Name", "Born"), ("Bob", "1980"))
    assert hidden(document) == {"comments": 1}


def test_hidden_and_deleted_runs():
    document = read(doc(["seen hidden gone end\r"], [(5, 11, 0x083C), (11, 12, 0x0801), (12, 16, 0x0800)]))
    assert unseen(document) == {"hidden text": "hidden", "tracked deletion": "gone"}
    assert hidden(document) == {"hidden text": 1, "tracked deletions": 1}
    assert "seen" in said(document)
    assert " end" in said(document)


def test_fields_give_code_and_result():
    document = read(doc(['see \x13 HYPERLINK "mailto:ann@home.example" \x14the page\x15.\r']))
    assert "ann@home.example" in said(document)
    assert "the page." in said(document)


def test_encrypted():
    data = bytearray(doc(["secret\r"]))
    at = data.index(struct.pack("<H", 0xA5EC))
    struct.pack_into("<H", data, at + 0x0A, 0x0100)
    assert read(bytes(data)).state is State.ENCRYPTED


def test_a_broken_piece_table_is_scraped():
    word = bytearray(0x600)
    struct.pack_into("<H", word, 0, 0xA5EC)
    word[0x400:0x440] = "The resident's name".encode("utf-16-le").ljust(0x40, b"\0")
    assert "The resident's name" in said(read(cfb({"WordDocument": bytes(word), "0Table": b""})))


def test_two_hidden_passages_are_two():
    text = "943and401\r"
    document = read(doc([text], [(0, 3, 0x083C), (3, 6, 0x0000), (6, 9, 0x083C)]))
    assert unseen(document) == {"hidden text": "943\n401"}

"""PowerPoint 97 files, record by record."""

import struct

from mailguard.mail.contents import State

from .specimens import cfb, hidden, read, said, unseen


def record(kind: int, body: bytes, container: bool = False) -> bytes:
    return struct.pack("<HHI", 0xF if container else 0, kind, len(body)) + body


def test_slides_notes_and_comments():
    slide = record(1006, record(4008, b"Budget\rline") + record(1017, bytes(10) + b"\x04\0" + bytes(4)), True)
    notes = record(1008, record(4000, "say her name".encode("utf-16-le")), True)
    comment = record(12000, record(4026, "check this".encode("utf-16-le")), True)
    document = read(cfb({"PowerPoint Document": slide + notes + comment}), "deck.ppt")
    assert (document.kind, document.state) == ("ppt", State.READ)
    assert "Budget\nline" in said(document)
    assert unseen(document) == {"slide notes": "say her name", "comment": "check this"}
    assert hidden(document) == {"hidden slide": 1, "slide notes": 1, "comments": 1}


def test_a_file_without_text_is_named():
    assert read(cfb({"PowerPoint Document": b""})).state is State.BROKEN


def test_comments_in_a_tag():
    comment = record(12000, record(4026, "check this".encode("utf-16-le")), True)
    document = read(cfb({"PowerPoint Document": record(1006, record(5003, comment), True)}))
    assert unseen(document) == {"comment": "check this"}
    assert hidden(document) == {"comments": 1}

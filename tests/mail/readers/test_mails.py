"""Mails as files: eml, mbox, msg, winmail.dat; and sealed ones."""

import base64
import bz2
import os
import struct
import zlib
from datetime import datetime

import compressed_rtf
import pytest

from mailguard.mail.contents import Layer, State
from mailguard.mail.readers.outline import outline

from .specimens import cfb, docx, read, said

MAIL = (
    b"From: Ann <ann@home.example>\r\nTo: bob@home.example\r\nSubject: Rent\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nShe owes rent.\r\n'
    b'--b\r\nContent-Type: text/csv; name="list.csv"\r\nContent-Disposition: attachment; filename="list.csv"\r\n\r\n'
    b"Name,Born\r\nAnn,1980\r\n--b--\r\n"
)


def test_a_mail_in_a_file():
    document = read(MAIL, "old.eml")
    assert (document.kind, document.state) == ("eml", State.READ)
    assert "She owes rent." in said(document)
    assert "ann@home.example" in said(document)
    assert [(part.path, part.kind) for part in document.parts] == [("old.eml/list.csv", "csv")]
    assert {text.layer for text in document.texts} == {Layer.ATTACHMENT}


def test_a_mailbox():
    box = b"From ann@home.example Mon Jan  5 10:00:00 2026\n" + MAIL + b"\nFrom bob Mon Jan  5 11:00:00 2026\n" + MAIL
    document = read(box, "old.mbox")
    assert document.kind == "mbox"
    assert [part.name for part in document.parts] == ["mail 1.eml", "list.csv", "mail 2.eml", "list.csv"]


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def properties(header: int, *entries: tuple[int, int]) -> bytes:
    """A property stream (MS-OXMSG 2.4): tag, flags, size of the value."""
    return bytes(header) + b"".join(struct.pack("<III4x", tag, 6, size) for tag, size in entries)


def test_an_outlook_message():
    inner = docx("<w:p><w:r><w:t>inside</w:t></w:r></w:p>")
    body, subject, name = wide("She owes rent."), wide("Rent"), wide("list.docx")
    data = cfb(
        {
            "__properties_version1.0": properties(32, (0x1000001F, len(body) + 2), (0x0037001F, len(subject) + 2)),
            "__nameid_version1.0/__substg1.0_00020102": b"",
            "__substg1.0_1000001F": body,
            "__substg1.0_0037001F": subject,
            "__attach_version1.0_#00000000/__properties_version1.0": properties(
                8, (0x37010102, len(inner)), (0x3707001F, len(name))
            ),
            "__attach_version1.0_#00000000/__substg1.0_37010102": inner,
            "__attach_version1.0_#00000000/__substg1.0_3707001F": name,
        }
    )
    document = read(data, "old.msg")
    assert (document.kind, document.state) == ("msg", State.READ)
    assert "She owes rent." in said(document)
    assert "inside" in said(document)


def test_a_winmail_that_holds_nothing_is_broken():
    document = read(bytes.fromhex("789f3e22") + b"\x00\x01" + b"\xff" * 40, "winmail.dat")
    assert (document.kind, document.state) == ("tnef", State.BROKEN)


def test_a_label_is_not_a_seal():
    assert read(b"She owes rent.", "smime.p7m", "application/pkcs7-mime").state is State.READ


def message(header: int, **values: str | bytes) -> dict[str, bytes]:
    """Streams of a message, recipient or attachment: "p0037" by its property number, text or bytes."""
    entries, streams = [], {}
    for key, value in values.items():
        tag = int(key[1:], 16) << 16 | (0x1F if isinstance(value, str) else 0x102)
        data = wide(value) if isinstance(value, str) else value
        entries.append((tag, len(data)))
        streams[f"__substg1.0_{tag:08X}"] = data
    return {"__properties_version1.0": properties(header, *entries), **streams}


def under(place: str, streams: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{place}/{name}": data for name, data in streams.items()}


def test_every_string_of_an_outlook_item_is_read():
    contact = message(32, p001A="IPM.Contact", p3001="Ann Lee", p3A1C="020 7946 0000", p8005="41 Elm Row")
    birthday = struct.pack("<IIQ", 0x3A420040, 6, (datetime(1980, 5, 7) - datetime(1601, 1, 1)).days * 864_000_000_000)
    contact["__properties_version1.0"] += birthday
    text = said(read(cfb(contact), "contact.msg"))
    for words in ("Ann Lee", "020 7946 0000", "41 Elm Row", "07/05/1980"):
        assert words in text
    assert "IPM.Contact" not in text


def test_people_and_files_of_an_attached_outlook_message():
    inside = "__attach_version1.0_#00000000/__substg1.0_3701000D"
    streams = {
        **message(32, p1000="See the mail."),
        **under("__attach_version1.0_#00000000", message(8, p3001="Old mail")),
        **under(inside, message(24, p1000="She owes rent.", p0C1A="Bob Hill", p0E02="Carl Ash")),
        **under(f"{inside}/__recip_version1.0_#00000000", message(8, p3001="Dee Oak", p39FE="dee@home.example")),
        **under(
            f"{inside}/__attach_version1.0_#00000000", message(8, p3701=b"Name,Born\r\nAnn,1980\r\n", p3707="l.csv")
        ),
    }
    document = read(cfb(streams), "new.msg")
    for words in ("She owes rent.", "Bob Hill", "Carl Ash", "to: Dee Oak dee@home.example", "Ann,1980"):
        assert words in said(document)
    assert [part.path for part in document.parts] == ["new.msg/Old mail", "new.msg/Old mail/l.csv"]


def test_rich_text_that_says_more_than_the_plain_body():
    rich = compressed_rtf.compress(rb"{\rtf1 See below. She owes rent.}")
    document = read(cfb(message(32, p1000="See below.", p1009=rich)), "new.msg")
    assert "She owes rent." in said(document)
    document = read(cfb(message(32, p1000="See below. She owes rent.", p1009=rich)), "new.msg")
    assert document.parts == ()


def test_a_narrow_string_is_read_in_the_code_page_of_its_message():
    streams = message(32)
    streams["__properties_version1.0"] += struct.pack("<IIQ", 0x3FFD0003, 6, 1251)
    streams["__substg1.0_1000001E"] = "Анна Ли".encode("cp1251")
    assert "Анна Ли" in said(read(cfb(streams), "new.msg"))


def test_a_message_with_a_stream_cut_short_is_broken():
    streams = {"__properties_version1.0": properties(32), "__substg1.0_1000001F": wide("She owes rent. " * 400)}
    data = cfb(streams)
    size = struct.pack("<Q", len(streams["__substg1.0_1000001F"]))
    assert read(data.replace(size, struct.pack("<Q", 90_000)), "new.msg").state is State.BROKEN


def test_words_beside_an_encrypted_message_do_not_make_it_broken():
    sealed = bytes([0xC1, 20, 3]) + bytes(19) + bytes([0xD2, 255, 0, 0, 2, 88, 1]) + os.urandom(599)
    block = b"-----BEGIN PGP MESSAGE-----\n\n" + base64.encodebytes(sealed) + b"-----END PGP MESSAGE-----\n"
    assert read(block, "mail.asc").state is State.ENCRYPTED
    document = read(block + b"--\nAnn Lee, 41 Elm Row\n", "mail.asc")
    assert "41 Elm Row" in said(document)
    assert (document.state, [part.state for part in document.parts]) == (State.READ, [State.ENCRYPTED])


def test_words_behind_a_long_encrypted_message_are_read():
    sealed = bytes([0xC1, 20, 3]) + bytes(19) + bytes([0xD2, 255]) + struct.pack(">I", 200_000) + b"\1"
    packed = base64.encodebytes(sealed + os.urandom(199_999))
    block = b"-----BEGIN PGP MESSAGE-----\n\n" + packed + b"-----END PGP MESSAGE-----\n"
    assert "41 Elm Row" in said(read(block + b"--\nAnn Lee, 41 Elm Row\n", "mail.asc"))


def literal(content: bytes, partial: bool = False) -> bytes:
    """A literal data packet (RFC 9580, 5.9) of a file `list.txt`; `partial`: its length not known beforehand."""
    body = b"b\x08list.txt" + bytes(4) + content
    if partial:
        return (
            b"\xcb\xe9"
            + body[:512]
            + b"\xe8"
            + body[512:768]
            + b"\xff"
            + struct.pack(">I", len(body) - 768)
            + body[768:]
        )
    return b"\xcb\xff" + struct.pack(">I", len(body)) + body


OPEN = {
    "wrapped": literal(b"Ann Lee, 41 Elm Row"),
    "in pieces": literal(b"She owes rent. " * 90 + b"Ann Lee, 41 Elm Row", partial=True),
    "deflated": b"\xa3\x01" + zlib.compress(literal(b"Ann Lee, 41 Elm Row"))[2:-4],
    "signed": b"\xa3\x02"
    + zlib.compress(b"\xc4\x0d" + bytes(13) + literal(b"Ann Lee, 41 Elm Row") + b"\xc2\x02\x04\x00"),
    "bzip2": b"\xc8\xff" + struct.pack(">I", 90_000) + b"\x03" + bz2.compress(literal(b"Ann Lee, 41 Elm Row")),
}


@pytest.mark.parametrize("kind", OPEN)
def test_an_openpgp_message_without_encryption_is_read(kind: str):
    block = b"-----BEGIN PGP MESSAGE-----\n\n" + base64.encodebytes(OPEN[kind]) + b"-----END PGP MESSAGE-----\n"
    for data, name in ((OPEN[kind], "list.gpg"), (block, "list.asc"), (b"See below.\n" + block, "note.txt")):
        document = read(data, name)
        assert "41 Elm Row" in said(document)
        assert document.state is State.READ
    found = outline(b"Subject: a\r\n\r\nSee below.\r\n" + block.replace(b"\n", b"\r\n"))
    assert [item.data() for item in found.documents] == [OPEN[kind]]


def test_what_only_begins_like_openpgp_is_no_message():
    for data in (b"\xcb\x10b\x00" + bytes(14) + b" and so on", b"\xa3\x01 no deflate", b"\x88\x01", b"\xc8\x02\x01"):
        assert not read(data, "data.bin").parts

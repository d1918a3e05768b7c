"""Kinds that few programs write: named where nothing reads them, read where something does."""

import plistlib
import zlib

import pytest

from mailguard.mail.contents import State

from .specimens import cfb, pdf, read, said, zipped

SECRET = b"Mrs Hughes owes rent for Word 4. "


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"ITSF\x02\x00\x00\x00", "chm"),
        (b"ITSF\x03\x00\x00\x00", "chm"),
        (b"\x89LZO\x00\r\n\x1a\n", "lzop"),
        (b"LRZI\x00", "lrzip"),
        (b"AT&TFORM", "djvu"),
        (b"\x20\x00-lz5-", "lha"),
        (b"\x20\x00-lhx-", "lha"),
        (b"\x20\x00-pm2-", "lha"),
    ],
)
def test_a_kind_that_holds_text_is_never_passed_over(start: bytes, kind: str):
    document = read(start + bytes(range(256)) * 4, "file.bin")
    assert document.kind == kind
    assert document.state in {State.LOCKED, State.BROKEN}


@pytest.mark.parametrize("start", [b"\xdb\xa5\x2d\x00", b"\x31\xbe\x00\x00", b"\xffWPC"])
def test_words_of_old_formats_are_read_and_the_file_is_named(start: bytes):
    document = read(start + bytes(range(32)) * 4 + SECRET * 4, "old.doc")
    assert document.state is State.LOCKED
    assert "Mrs Hughes owes rent" in said(document)


def test_a_web_archive():
    page = {"WebResourceData": b"<html><body>" + SECRET, "WebResourceMIMEType": "text/html", "WebResourceURL": "a/b"}
    data = plistlib.dumps(
        {"WebMainResource": page, "WebSubresources": [], "note": "41 Elm Row"}, fmt=plistlib.FMT_BINARY
    )
    document = read(data, "page.webarchive")
    assert (document.kind, document.state) == ("plist", State.READ)
    assert "Mrs Hughes" in said(document)
    assert "41 Elm Row" in said(document)
    assert document.parts[0].kind == "html"


def test_a_property_list_that_unfolds_is_read_once():
    value: list[object] = ["x" * 40]
    for _ in range(30):
        value = [value, value]
    document = read(plistlib.dumps(value, fmt=plistlib.FMT_BINARY), "a.plist")
    assert len(said(document)) < 100


def test_compressed_data_behind_a_frame_that_is_passed_over():
    skipped = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd" * 2
    assert read(skipped + b"\x28\xb5\x2f\xfd" + bytes(40), "a.zst").kind == "zst"
    assert read(skipped + b"\x04\x22\x4d\x18" + bytes(40), "a.lz4").kind == "lz4"


@pytest.mark.parametrize("letter", [b"\xc9", b"\xc1", b"\xc3", b"\x84"])
def test_a_short_text_with_an_accent_in_front_is_not_encrypted(letter: bytes):
    for follows in range(33, 127):
        data = letter + bytes([follows]) + b"ric Hughes owes rent"
        assert read(data, "a.txt").state is not State.ENCRYPTED


def test_a_member_without_a_name():
    data = zipped({"x": SECRET}).replace(b"\x01\x00\x00\x00\x00\x00\x00\x00", b"\x01\x00\x00\x00\x00\x00\x00\x00")
    local, rest = data.index(b"PK\x03\x04"), data.rindex(b"PK\x01\x02")
    packed = data[local + 31 : rest]
    head = data[local : local + 26] + b"\0\0\0\0" + packed
    directory = data[rest : rest + 28] + b"\0\0" + data[rest + 30 : rest + 46]
    end = bytearray(data[data.rindex(b"PK\x05\x06") :])
    end[12:16], end[16:20] = len(directory).to_bytes(4, "little"), len(head).to_bytes(4, "little")
    document = read(head + directory + bytes(end), "a.zip")
    assert document.state is State.READ
    assert "Mrs Hughes" in said(document)


def test_a_zip_whose_directory_is_encrypted():
    local = b"PK\x03\x04\x33\x00\x41\x20\x08\x00" + bytes(16) + b"\x05\x00\x00\x00a.txt" + zlib.compress(SECRET)
    assert read(local + bytes(range(200)), "a.zip").state is State.ENCRYPTED


def test_a_pdf_for_certificates_is_encrypted():
    data = pdf("secret").replace(b"/Root", b"/Encrypt << /Filter /Adobe.PubSec /V 4 /SubFilter /adbe.pkcs7.s5 >> /Root")
    assert b"PubSec" in data
    assert read(data, "a.pdf").state is State.ENCRYPTED


def test_properties_in_their_own_code_page():
    name = "Llŷn Ŵan".encode() + b"\0"
    value = b"\x1e\0\0\0" + len(name).to_bytes(4, "little") + name.ljust(16, b"\0")
    section = (
        (64).to_bytes(4, "little")
        + b"\2\0\0\0"
        + b"\1\0\0\0\x18\0\0\0\4\0\0\0\x20\0\0\0"
        + b"\2\0\0\0\xe9\xfd\0\0"
        + value
    )
    stream = b"\xfe\xff" + bytes(22) + b"\1\0\0\0" + bytes(16) + (48).to_bytes(4, "little") + section
    assert "Llŷn Ŵan" in said(read(cfb({"\x05SummaryInformation": stream, "x": b"y"}), "a.bin"))

"""Kinds by bytes; names and declared types never decide alone."""

import pytest

from mailguard.mail.filetype import ends_in_zip, is_text, named, sniff

from .readers.specimens import docx, zipped


@pytest.mark.parametrize(
    ("data", "name", "declared", "kind"),
    [
        (b"PK\x03\x04rest", "photo.jpg", "image/jpeg", "zip"),
        (b"%PDF-1.7\n", "letter.docx", "application/msword", "pdf"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "list.csv", "text/csv", "png"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "", "", "ole"),
        (b"{\\rtf1 hi}", "letter.doc", "", "rtf"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "", "", "7z"),
        (b"\x00" * 257 + b"ustar", "a", "", "tar"),
        (b"\x00\x00\x00\x18ftypheic", "", "", "heic"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "", "", "webp"),
        (b"BM is how the note begins", "a.txt", "", "txt"),
        (b"MZ and then words", "", "", "txt"),
        (b"SQLite format 3\x00", "", "", "sqlite"),
        (b"BEGIN:VCARD\nFN:Ann\n", "", "", "vcard"),
        (b"From: a@b.example\nTo: c@d.example\nSubject: x\n\nhi", "note.txt", "", "eml"),
        (b"<!DOCTYPE html><html>", "", "", "html"),
        (b"<p>hi", "a.htm", "", "html"),
        (b"<?xml version='1.0'?><a/>", "", "", "xml"),
        (b"a,b\n1,2\n", "x.csv", "", "csv"),
        (b"a,b\n1,2\n", "x", "text/csv", "csv"),
        (b"plain words", "", "", "txt"),
        (b"\x01\x02\x03\x90\xfe\x00" * 40, "", "application/octet-stream", "binary"),
        (b"\x01\x02\x03\x90\xfe\x00" * 40, "list.csv", "", "csv"),
        (b"", "a.docx", "", "empty"),
        (b" \r\n\x00", "", "", "empty"),
        (b"-----BEGIN PGP SIGNATURE-----\n\nabcd\n-----END PGP SIGNATURE-----\n", "", "", "pgp"),
    ],
)
def test_kinds(data: bytes, name: str, declared: str, kind: str):
    assert sniff(data, name, declared) == kind


def test_a_zip_behind_something_else_is_seen():
    archive = zipped({"a.txt": "x"})
    assert ends_in_zip(archive)
    assert sniff(b"MZ\x90\x00\x03" + b"\x00\xff" * 900 + archive) == "zip"
    assert not ends_in_zip(b"PK\x05\x06" + bytes(18))


def test_text_in_any_width():
    assert is_text("Siân".encode())
    assert is_text("Dear Ann Lee".encode("utf-16-le"))
    assert not is_text(bytes(range(256)))
    assert not is_text(b"\x00" * 40)


def test_libmagic_names_what_is_unknown_here():
    assert named(b"%PDF-1.4") in {"application/pdf", ""}
    assert sniff(docx("")) == "zip"


def test_a_mail_that_begins_with_what_servers_write() -> None:
    head = (
        b"Return-path: <a@home.example>\nEnvelope-to: b@home.example\nDelivery-date: Mon, 5 Jan 2026\nSubject: x\n\nhi"
    )
    assert sniff(head, "mail.txt") == "eml"
    assert sniff(b"Name: Ann\nBorn: 1980\nStreet: Elm Row\nTown: Ely\n", "a.txt") == "txt"

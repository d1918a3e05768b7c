"""PDF files: pages, forms, notes, files inside, passwords."""

import hashlib

import pypdfium2

from mailguard.mail.contents import State

from .specimens import docx, hidden, pdf, pdf_of, read, said, unseen

PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def rc4(key: bytes, data: bytes) -> bytes:
    box = list(range(256))
    at = 0
    for number in range(256):
        at = (at + box[number] + key[number % len(key)]) % 256
        box[number], box[at] = box[at], box[number]
    out, one, two = bytearray(), 0, 0
    for byte in data:
        one = (one + 1) % 256
        two = (two + box[one]) % 256
        box[one], box[two] = box[two], box[one]
        out.append(byte ^ box[(box[one] + box[two]) % 256])
    return bytes(out)


def encrypted(text: str, user: bytes, owner: bytes) -> bytes:
    """A PDF under the 40-bit handler (ISO 32000-1, 7.6.3): whoever has `user` may open it."""
    identity = bytes(16)
    entry = rc4(hashlib.md5((owner + PADDING)[:32]).digest()[:5], (user + PADDING)[:32])
    flags = (-4).to_bytes(4, "little", signed=True)
    key = hashlib.md5((user + PADDING)[:32] + entry + flags + identity).digest()[:5]
    shown = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode()
    sealed = rc4(hashlib.md5(key + (4).to_bytes(3, "little") + bytes(2)).digest()[:10], shown)
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        4: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(sealed), sealed),
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        6: b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>"
        % (entry.hex().encode(), rc4(key, PADDING).hex().encode()),
    }
    return pdf_of(objects, f"/Encrypt 6 0 R /ID [<{identity.hex()}> <{identity.hex()}>]")


def test_text_by_page_and_properties():
    document = read(pdf("NHS number 943 476 5919"), "letter.pdf")
    assert (document.kind, document.state) == ("pdf", State.READ)
    assert [(text.where, text.content) for text in document.texts] == [
        ("letter.pdf, page 1", "NHS number 943 476 5919")
    ]


def test_a_user_password_is_encryption():
    document = read(encrypted("secret", b"hunter2", b"boss"))
    assert document.state is State.ENCRYPTED
    assert document.texts == ()


def test_an_owner_password_alone_is_not():
    document = read(encrypted("open to all", b"", b"boss"))
    assert document.state is State.READ
    assert "open to all" in said(document)


def test_notes_and_form_fields():
    annots = {
        6: "<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /T (Ann) /Contents (is she at risk) >>",
        7: "<< /Type /Annot /Subtype /Widget /FT /Tx /T (dob) /V (01/02/1980) /Rect [0 0 99 20] /P 3 0 R >>",
        8: "<< /Type /Annot /Subtype /Widget /FT /Tx /T (ref) /V (kept back) /F 2 /Rect [0 0 99 20] /P 3 0 R >>",
    }
    data = pdf("form", annots, "/Annots [6 0 R 7 0 R 8 0 R]", "/AcroForm << /Fields [7 0 R 8 0 R] >>")
    document = read(data, "form.pdf")
    assert "dob: 01/02/1980" in said(document)
    assert unseen(document) == {"comment": "Ann: is she at risk", "hidden form fields": "ref: kept back"}
    assert hidden(document) == {"comments": 1, "hidden form fields": 1}


def test_files_inside(tmp_path):
    source = pypdfium2.PdfDocument(pdf("cover"))
    inner = docx("<w:p><w:r><w:t>inside</w:t></w:r></w:p>")
    source.new_attachment("list.docx").set_data(inner)
    source.save(str(tmp_path / "out.pdf"))
    document = read((tmp_path / "out.pdf").read_bytes(), "cover.pdf")
    assert [(part.path, part.kind) for part in document.parts] == [("cover.pdf/list.docx", "docx")]
    assert "inside" in said(document)
    assert hidden(document) == {"embedded file 'list.docx'": 1}


def test_a_scan_is_without_text_and_a_broken_file_is_broken():
    scan = read(pdf(""))
    assert (scan.state, scan.why) == (State.NO_TEXT, "1 page without text (a scan?)")
    assert read(b"%PDF-1.4\nobj nothing else").state is State.BROKEN


def test_bytes_before_the_header_do_not_hide_it():
    assert "found" in said(read(b"\x00\x01 junk\n" + pdf("found")))


def test_links_paper_clips_tips_and_choices():
    annots = {
        6: "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (https://sign.example/petition) >> >>",
        7: "<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS 8 0 R >>",
        8: "<< /Type /Filespec /F (note.txt) /UF (note.txt) /EF << /F 9 0 R >> >>",
        9: "<< /Type /EmbeddedFile /Length 12 >>\nstream\nMrs Hughes 4\nendstream",
        10: "<< /Type /Annot /Subtype /Widget /FT /Ch /T (who) /V (Ann) /Opt [(Ann) (Mr Lee)] /TU (the tenant) "
        "/Rect [0 0 99 20] /P 3 0 R >>",
        11: "<< /Type /Annot /Subtype /Widget /FT /Tx /T (js) /TU (no words) /F 2 /Rect [0 0 9 9] /P 3 0 R >>",
    }
    page = "/Annots [6 0 R 7 0 R 10 0 R 11 0 R]"
    document = read(pdf("form", annots, page, "/AcroForm << /Fields [10 0 R 11 0 R] >>"), "form.pdf")
    words = said(document)
    for part in ("https://sign.example/petition", "Mrs Hughes 4", "who: Ann", "Mr Lee", "the tenant"):
        assert part in words, part
    assert hidden(document) == {"embedded file 'note.txt'": 1}


def test_words_outside_the_page_and_titles_of_the_outline():
    outline = {
        6: "<< /Type /Outlines /First 7 0 R /Last 7 0 R /Count 1 >>",
        7: "<< /Title (File of Ann Lee) /Parent 6 0 R /Dest [3 0 R /Fit] >>",
    }
    data = pdf("inside) Tj -900 0 Td (outside", outline, catalog="/Outlines 6 0 R")
    document = read(data, "a.pdf")
    assert [(text.where, text.content) for text in document.texts] == [
        ("a.pdf, page 1", "inside"),
        ("a.pdf, page 1, outside the page", "outside inside"),
        ("a.pdf, outline", "File of Ann Lee"),
    ]


def test_a_form_of_xml_says_what_is_filled_in_and_what_it_asks():
    packets = {
        6: "<< /Length 54 >>\nstream\n<x:data xmlns:x='x'><name>Mrs Hughes</name></x:data>  \nendstream",
        7: "<< /Length 42 >>\nstream\n<template><draw>Reason</draw></template>  \nendstream",
    }
    catalog = "/AcroForm << /Fields [] /XFA [(template) 7 0 R (datasets) 6 0 R] >>"
    words = said(read(pdf("Please wait", packets, catalog=catalog), "form.pdf"))
    assert "Mrs Hughes" in words
    assert "Reason" in words

"""Plain kinds of files: txt, csv, html, cards and calendars, rich text, XML."""

import base64
import binascii
import codecs
import time

import pytest

from mailguard.mail.contents import State
from mailguard.mail.limits import Limits

from .specimens import cfb, docx, hidden, read, said, unseen


@pytest.mark.parametrize(
    "data",
    [
        "Mrs Siân Hughes".encode(),
        "Mrs Siân Hughes".encode("cp1252"),
        codecs.BOM_UTF8 + "Mrs Siân Hughes".encode(),
        "Mrs Siân Hughes".encode("utf-16"),
        "Mrs Siân Hughes".encode("utf-16-le"),
        "Mrs Siân Hughes".encode("utf-16-be"),
        "Mrs Siân Hughes".encode("utf-32"),
    ],
)
def test_any_charset(data: bytes):
    document = read(data, "note.txt")
    assert (document.kind, said(document)) == ("txt", "Mrs Siân Hughes")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_separated_files_are_tables(mark: str):
    rows = [["Name", "Born"], ["Lee, Ann" if mark != "," else "Ann", "1980"], ["Bob", "1975"]]
    document = read("\r\n".join(mark.join(row) for row in rows).encode(), "people.csv", "text/csv")
    assert document.tables[0].rows == tuple(map(tuple, rows))
    assert document.tables[0].total_rows == 3


def test_quoted_and_broken_separated_files():
    assert read(b'Name,Note\n"Lee, Ann","a\nb"\n', "a.csv").tables[0].rows[1] == ("Lee, Ann", "a\nb")
    assert read(b'Name,Note\nAnn,"never closed\nBob,x\n', "a.csv").state is State.READ


def test_rows_over_the_limit_are_counted():
    (table,) = read(b"n,m\n" + b"a,b\n" * 400, "a.csv", limits=Limits(rows=50)).tables
    assert (len(table.rows), table.total_rows) == (50, 401)


def test_html_seen_and_unseen():
    document = read(b"<html><body><p>Dear Ann</p><div style='display:none'>owes rent</div></body></html>", "a.html")
    assert document.kind == "html"
    assert "Dear Ann" in said(document)
    assert "owes rent" in unseen(document).values()


def test_html_in_its_own_charset():
    data = '<html><head><meta charset="iso-8859-2"></head><body>Łódź</body></html>'.encode("iso-8859-2")
    assert "Łódź" in said(read(data, "a.html"))


def test_cards_and_calendars():
    cards = (
        "BEGIN:VCARD\r\nVERSION:2.1\r\nFN;ENCODING=QUOTED-PRINTABLE:Si=C3=A2n =\r\nHughes\r\nTEL;CELL:07700 900123\r\n"
        "EMAIL:sian@home.example\r\nPHOTO;ENCODING=BASE64:AAAA\r\nNOTE:long \r\n line\r\nEND:VCARD\r\n"
    )
    document = read(cards.encode(), "people.vcf")
    assert document.tables[0].rows[1] == ("Siân Hughes", "07700 900123", "sian@home.example", "")
    assert "long line" in said(document)
    assert "AAAA" not in said(document)
    event = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Visit\\, Mrs Hu\n ghes\nEND:VEVENT\nEND:VCALENDAR\n"
    assert "Visit, Mrs Hughes" in said(read(event, "a.ics"))


def test_rich_text_with_what_it_hides_and_holds():
    inner = docx("<w:p><w:r><w:t>inside</w:t></w:r></w:p>")
    native = b"\x02\x00list.docx\x00c:\\x\x00\x00\x00\x03\x00" + b"\x02\x00\x00\x00x\x00"
    native += len(inner).to_bytes(4, "little") + inner
    native = len(native).to_bytes(4, "little") + native
    body = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\info{\title Plan}}{\header top line}"
        rb"Dear Si\'e2n \u8364?5 {\v kept back}"
        rb"\par{\deleted gone}{\*\annotation is she at risk}{\*\shpinst{\shptxt boxed}}\v more\v0  end"
        rb"\par Name\cell Born\cell\row Bob\cell 1980\cell\row"
    )
    document = read(body + b"{\\object{\\*\\objdata " + native.hex().encode() + b"}}}", "a.rtf")
    words = said(document)
    assert document.kind == "rtf"
    assert all(part in words for part in ("Dear Siân €5", "top line", "boxed", "end", "title: Plan", "inside"))
    assert "Arial" not in words
    assert document.tables[0].rows == (("Name", "Born"), ("Bob", "1980"))
    assert unseen(document) == {
        "hidden text": "kept back\nmore",
        "tracked deletion": "gone",
        "comment": "is she at risk",
    }
    assert hidden(document) == {"hidden text": 2, "tracked deletions": 1, "comments": 1, "embedded object": 1}
    assert [(part.name, part.kind) for part in document.parts] == [("list.docx", "docx")]


def test_xml_and_pictures_made_of_it():
    assert "Mrs Hughes" in said(read(b"<?xml version='1.0'?><a><b>Mrs Hughes</b></a>", "a.xml"))
    assert "Ward 4" in said(read(b"<svg xmlns='s'><text>Ward 4</text></svg>", "map.svg"))
    record = b"<?xml version='1.0'?><Patient><nhs value='9434765919'/><a>Ann</a><a>Lee</a></Patient>"
    assert {"9434765919", "Ann", "Lee"} <= set(said(read(record, "a.xml")).split())
    bomb = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'bbbb'>]><a>&b;</a>"
    assert read(bomb, "a.xml").state is State.OVER_LIMIT
    assert "broken" in said(read(b"<?xml version='1.0'?><a>broken", "a.xml"))


def test_compound_files_of_no_known_application():
    document = read(cfb({"Contents": "Mrs Hughes, Ward 4".encode("utf-16-le")}), "leaflet.pub")
    assert document.kind == "ole"
    assert "Mrs Hughes, Ward 4" in said(document)


def test_a_uuencoded_file_in_a_text_file():
    body = b"begin 644 a.txt\n" + binascii.b2a_uu(b"Mrs Hughes of Ward 4") + b"`\nend\n"
    document = read(body, "a.uu")
    assert [part.name for part in document.parts] == ["a.txt"]
    assert "Mrs Hughes" in said(document)


def test_an_invitation_says_who_and_brings_its_file():
    file = base64.b64encode(b"list of Ward 4").decode()
    lines = (
        "BEGIN:VCALENDAR",
        'ATTENDEE;CN="Mrs Hughes";ROLE=CHAIR:mailto:m@x.example',
        f"ATTACH;ENCODING=BASE64;VALUE=BINARY;FILENAME=list.txt:{file}",
        "END:VCALENDAR",
    )
    document = read("\r\n".join(lines).encode(), "invite.ics")
    assert "ATTENDEE: Mrs Hughes mailto:m@x.example" in said(document)
    assert [(part.name, part.kind) for part in document.parts] == [("list.txt", "txt")]
    assert "list of Ward 4" in said(document)


def test_words_in_attributes_of_a_page():
    page = (
        b"<html><head><meta name=author content='Mrs Hughes'></head><body><img alt='Ward 4'><input type=hidden "
        b"value='9434765919'><a title='her file' href='/'>x</a><iframe srcdoc='&lt;p&gt;framed'></iframe></body></html>"
    )
    words = said(read(page, "a.html"))
    for part in ("Mrs Hughes", "Ward 4", "9434765919", "her file", "framed"):
        assert part in words, part


def test_properties_of_a_shape_in_rich_text_stand_apart():
    shape = rb"{\rtf1 {\shp{\*\shpinst{\sp{\sn a}{\sv 943476}}{\sp{\sn b}{\sv 5919}}}}}"
    hidden_twice = rb"{\rtf1 {\v 943476}{\v 5919} and {\v 4010232137}}"
    assert unseen(read(hidden_twice)) == {"hidden text": "9434765919\n4010232137"}
    assert {"943476", "5919"} <= set(said(read(shape, "a.rtf")).split())


def test_a_deep_page_costs_no_more_than_its_length():
    begun = time.monotonic()
    assert "found" in said(read(b"<html>" + b"<div>" * 60_000 + b"found", "a.html"))
    assert time.monotonic() - begun < 5


def test_rich_text_in_the_charset_of_its_font_and_of_old_programs():
    fonts = rb"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial;}{\f2\fcharset238 Arial;}}"
    text = rb"\f0 caf\'e9 {\f1 \'c0\'ed\'ed\'e0} {\f2 \'f8} \f0 \'e9"
    assert "café Анна ř é" in said(read(rb"{\rtf1\ansi\ansicpg1252" + fonts + text + b"}", "a.rtf"))
    assert "lancé" in said(read(rb"{\rtf1\mac lanc\'8e}", "a.rtf"))
    assert "lancé" in said(read(rb"{\rtf1\pc lanc\'82}", "a.rtf"))


def test_html_wrapped_in_rich_text():
    data = (
        rb"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\par not this\htmlrtf0 Mrs Hug"
        rb'{\*\htmltag84 <b>}hes{\*\htmltag92 </b>}{\*\htmltag84 <a href="mailto:ann@home.example">}write'
        rb'{\*\htmltag92 </a>}{\*\htmltag84 <span style="display:none">}owes rent{\*\htmltag92 </span>}'
        rb"\htmlrtf }\htmlrtf0}"
    )
    document = read(data, "body.rtf")
    text = said(document)
    assert "Mrs Hughes" in text
    assert "not this" not in text
    assert [part.kind for part in document.parts] == ["html"]
    assert any("owes rent" in item.content and item.hidden for item in document.texts)

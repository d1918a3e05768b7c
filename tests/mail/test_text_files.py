"""Files packed as text, and what Macs wrap files in; headers inside a mail."""

from __future__ import annotations

import struct
import time

import pytest

from mailguard.mail.body import text_parts
from mailguard.mail.contents import Layer, State
from mailguard.mail.mime import parse
from mailguard.mail.mime_walk import shown
from mailguard.mail.text_files import _HQX_SIGNS, MOST, packed_files
from tests.mail.readers.specimens import read, said

WORDS = b"Mrs Hughes owes rent, rent, rent \x90 for Word 4.\r\n"


def signs(octets: bytes) -> bytes:
    bits = "".join(f"{octet:08b}" for octet in octets)
    bits += "0" * (-len(bits) % 6)
    return bytes(_HQX_SIGNS[int(bits[at : at + 6], 2)] for at in range(0, len(bits), 6))


def binhex(data: bytes, name: bytes = b"list.txt") -> bytes:
    head = bytes([len(name)]) + name + b"\0TEXTttxt\0\0" + struct.pack(">II", len(data), 0) + b"\0\0"
    octets = (head + data + b"\0\0" + b"\0\0").replace(b"\x90", b"\x90\0").replace(b"aaaaaa", b"a\x90\x06")
    packed = signs(octets)
    lines = b"\r\n".join(packed[at : at + 64] for at in range(0, len(packed), 64))
    return b"(This file must be converted with BinHex 4.0)\r\n\r\n:" + lines + b":\r\n"


def yenc(data: bytes) -> bytes:
    packed = b"".join(
        b"=" + bytes([(value + 106) % 256]) if (value + 42) % 256 in b"\0\n\r=" else bytes([(value + 42) % 256])
        for value in data
    )
    lines = b"\r\n".join(packed[at : at + 100] for at in range(0, len(packed), 100))
    return b"=ybegin line=128 size=%d name=list.txt\r\n%s\r\n=yend size=%d\r\n" % (len(data), lines, len(data))


@pytest.mark.parametrize("packer", [binhex, yenc])
@pytest.mark.parametrize("data", [WORDS, WORDS + b"aaaaaa", bytes(range(256))])
def test_a_file_packed_in_a_text(packer, data: bytes) -> None:
    found = packed_files(b"Hello,\r\n\r\n" + packer(data) + b"Bye\r\n")
    assert [(file.name, file.data, file.complete) for file in found] == [("list.txt", data, True)]


@pytest.mark.parametrize("packer", [binhex, yenc])
def test_it_is_read_in_a_mail_and_in_a_file(packer) -> None:
    body = text_parts(parse(b"From: a@home.example\r\nSubject: x\r\n\r\nHello\r\n\r\n" + packer(WORDS)))
    assert [file.data for _, file in body.files] == [WORDS]
    assert "Mrs Hughes owes rent" in said(read(packer(WORDS), "list.hqx"))


def test_a_packed_file_without_its_end_is_named() -> None:
    assert not packed_files(yenc(WORDS).partition(b"=yend")[0])[0].complete
    assert not packed_files(binhex(WORDS * 3)[:180])[0].complete
    assert read(yenc(WORDS).partition(b"=yend")[0], "a.txt").state is State.BROKEN


@pytest.mark.parametrize("junk", [b":!!!!:", b":" + b"!" * 80 + b":", b""])
def test_what_is_no_packed_file_stays_text(junk: bytes) -> None:
    assert packed_files(b"(This file must be converted with BinHex 4.0)\r\n" + junk) == []
    assert packed_files(b"=ybegin line=128 size=4\r\nabcd\r\n") == []


@pytest.mark.parametrize(
    "hostile",
    [
        b"=ybegin name=a\r\n" * 6_000,
        b"=ybegin " + b"name=" * 20_000,
        b"(This file must be converted with BinHex" + b" " * 100_000,
        b"(This file must be converted with BinHex\r\n:" * 2_000,
    ],
)
def test_starts_without_an_end_take_no_time(hostile: bytes) -> None:
    """The mail worker reads texts itself: a second of it holds all other mail up."""
    began = time.process_time()
    packed_files(hostile)
    assert time.process_time() - began < 1


def test_each_yenc_file_ends_where_the_next_begins() -> None:
    first = yenc(WORDS).partition(b"=yend")[0]
    found = packed_files(first + yenc(b"Bob Hill"))
    assert [(file.data, file.complete) for file in found] == [(WORDS, False), (b"Bob Hill", True)]


def test_runs_make_no_file_of_hundreds_of_megabytes() -> None:
    head = b"\1a\0TEXTttxt\0\0" + struct.pack(">II", 2**31, 0) + b"\0\0"
    # 48 octets that make 5,592.
    run = signs(b"a" + b"\x90\xff" * 22 + b"aaa")
    (found,) = packed_files(
        b"(This file must be converted with BinHex 4.0)\r\n:" + signs(head) + run * 6_000 + b":\r\n"
    )
    assert len(found.data) <= MOST + 256
    assert not found.complete


def test_a_long_word_in_a_header_of_an_attached_message_takes_no_time() -> None:
    began = time.process_time()
    assert not shown("x-note", "a" * 30_000)
    assert time.process_time() - began < 1
    assert shown("x-note", "a" * 30_000 + ", bcd")


def apple_single(entries: dict[int, bytes], magic: int = 0x00051600) -> bytes:
    start = 26 + 12 * len(entries)
    head, body = struct.pack(">II16xH", magic, 0x20000, len(entries)), b""
    for kind, data in entries.items():
        head += struct.pack(">III", kind, start + len(body), len(data))
        body += data
    return head + body


def test_files_in_the_wrappings_of_a_mac() -> None:
    document = read(apple_single({3: b"list.csv", 4: b"for Ann Lee", 1: b"Name,Born\nBob Hill,1980\n"}), "x")
    assert (document.kind, document.parts[0].kind, document.parts[0].name) == ("apple", "csv", "list.csv")
    assert "for Ann Lee" in said(document)
    assert "Bob Hill" in said(document)
    assert read(apple_single({2: b"icon"}, 0x00051607), "._x").state is State.NO_TEXT
    head = b"\0\x08list.csv".ljust(83, b"\0") + struct.pack(">II", 24, 0)
    document = read(head.ljust(128, b"\0") + b"Name,Born\nBob Hill,1980\n".ljust(128, b"\0"), "x.bin")
    assert (document.kind, document.parts[0].name, document.parts[0].size) == ("apple", "list.csv", 24)


MULTI = (
    b"From: a@home.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n"
    b"--q\r\nContent-Type: image/png\r\nContent-Description: Mrs Hughes at home\r\n\r\nx\r\n"
    b"--q\r\nContent-Type: message/rfc822\r\n\r\nFrom: Ann Lee <ann@home.example>\r\nTo: =?utf-8?q?Bob_H=C3=AFll?=\r\n"
    b"Bcc: carl@home.example\r\nReceived: from x by y\r\nX-Note: ask Mrs Hughes\r\nX-Id: 9434765919\r\n"
    b"Comments: owes rent\r\nSubject: inner\r\n\r\nhello\r\n--q--\r\n"
)


def test_the_header_of_an_attached_message_is_read() -> None:
    texts = {text.where: text for text in text_parts(parse(MULTI)).texts}
    head = texts["attached message 2, header fields"]
    for words in ("Ann Lee <ann@home.example>", "Bob Hïll", "carl@home.example", "owes rent", "ask Mrs Hughes"):
        assert words in head.content
    assert "received" not in head.content
    assert "9434765919" not in head.content
    assert head.layer is Layer.FORWARDED
    assert texts["the description of a part"].content == "Mrs Hughes at home"
    inner = read(MULTI.partition(b"message/rfc822\r\n\r\n")[2], "a.eml")
    assert "carl@home.example" in said(inner)


def test_commands_of_enriched_text_part_no_word() -> None:
    mail = b"Subject: x\r\nContent-Type: text/enriched\r\n\r\nMrs <bold>Hug</bold>hes owes <<10\r\n"
    assert "Mrs Hughes owes <10" in "\n".join(text.content for text in text_parts(parse(mail)).texts)

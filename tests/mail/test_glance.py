"""A large file by its ends: films are told at once, and nothing that could hold text ever is."""

import base64
import random

import pytest

from mailguard.mail import filetype
from mailguard.mail.glance import ENDS, REACH, without_text
from mailguard.mail.mime import parse
from mailguard.mail.readers import codec
from mailguard.mail.transfer import decode, decoded_size

from .readers.specimens import docx, zipped

NOISE = random.Random(5).randbytes(400_000)
FILM = b"\x00\x00\x00\x18ftypmp42" + NOISE


def leaf(data: bytes, encoded: bytes | None = None):
    body = base64.encodebytes(data).replace(b"\n", b"\r\n") if encoded is None else encoded
    head = b'Content-Type: application/octet-stream; name="x.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    (found,) = parse(head + body).documents
    return found


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (FILM, "mp4"),
        (b"\x01\x02\xfe" + NOISE, "binary"),
        (b"\xff\xd8\xff" + NOISE, "jpeg"),
        (b"\xa4\x13" + NOISE, "binary"),  # OpenPGP's sealed data, but for the session keys before it
        (b"\x85\x01\x0c\x09" + NOISE, "binary"),  # a session key, but for its version
    ],
)
def test_a_kind_without_text_is_told(data: bytes, kind: str):
    assert without_text(leaf(data)) == kind


ZIP = zipped({"note.txt": b"words"})


@pytest.mark.parametrize("pad", [0, 1, 2])
@pytest.mark.parametrize("junk", [b"", b"*", b"**", b"***"])
def test_an_archive_behind_a_film_is_not(pad: int, junk: bytes):
    """Junk between the letters, which decoders pass over, moves the steps of four."""
    whole = base64.encodebytes(FILM + bytes(pad) + ZIP).replace(b"\n", b"\r\n")
    assert without_text(leaf(b"", whole[:300_000] + junk + whole[300_000:])) == ""


@pytest.mark.parametrize(
    "data",
    [
        b"words " * 80_000,
        bytes(300_000) + b"Ann Lee, 3 Mill Lane",
        docx("<w:p><w:r><w:t>hello</w:t></w:r></w:p>") + NOISE,
        b"\x30\x82" + NOISE,
        b"%PDF-1.7\n" + NOISE,
        b"MZ\x90\x00" + NOISE,
        b"\x01\x02\xfe" + NOISE + b"koly" + bytes(508),
        b"\x85\x01\x0c\x03" + NOISE[:0x10B] + b"\xd2\xff\x00\x05\x00\x00\x01" + NOISE,
        FILM[:1000],
    ],
)
def test_what_could_hold_text_or_be_encrypted_is_not(data: bytes):
    assert without_text(leaf(data)) == ""


def test_padding_in_the_midst_is_read_in_full():
    first = base64.encodebytes(FILM + b"!").replace(b"\n", b"\r\n")
    assert b"=" in first
    assert without_text(leaf(b"", first + base64.encodebytes(b"Ann Lee").replace(b"\n", b"\r\n"))) == ""


def in_lines(data: bytes, width: int) -> bytes:
    text = base64.b64encode(data)
    return b"".join(text[at : at + width] + b"\r\n" for at in range(0, len(text), width))


def test_an_archive_with_a_long_comment_in_short_lines_is_not():
    """Lines of four letters make the end that is looked at hold less than readers look for."""
    archive = ZIP[:-2] + (60_000).to_bytes(2, "little") + b"x" * 60_000
    assert without_text(leaf(b"", in_lines(FILM + archive, 4))) == ""
    assert without_text(leaf(FILM + archive)) == ""


def test_a_disc_image_in_short_lines_is_not():
    disc = b"\x01\x02\xfe" + NOISE[: 0x8001 - 3] + b"CD001" + NOISE
    assert without_text(leaf(b"", in_lines(disc, 1))) == ""


def test_text_behind_keys_that_fill_the_start_is_not():
    size = len(decode(leaf(NOISE).raw[:ENDS], "base64"))
    key = b"-----BEGIN CERTIFICATE-----\n".ljust(size - 25, b"A") + b"-----END CERTIFICATE-----"
    assert without_text(leaf(key + b"\nAnn Lee, 3 Mill Lane\n" * 10_000)) == ""


def test_an_encrypted_message_to_many_readers_is_not():
    """Their session keys are longer than the start that is looked at."""
    keys = b"".join(b"\x85\x02\x08\x03" + NOISE[at : at + 519] for at in range(0, 160 * 520, 520))
    assert without_text(leaf(keys + b"\xd2\xff" + (300_000).to_bytes(4, "big") + b"\1" + NOISE[:299_999])) == ""


def test_a_directory_beyond_the_end_that_is_looked_at_is_not_seen_by_readers_either():
    assert ENDS * 3 // 4 > REACH == filetype.TAIL + 22


@pytest.mark.parametrize("line", [76, 64, 60])
@pytest.mark.parametrize("size", [0, 1, 2, 3, 44, 57, 58, 5_000, 5_001])
def test_sizes_are_those_of_decoding(line: int, size: int):
    text = base64.b64encode(NOISE[:size])
    body = b"".join(text[at : at + line] + b"\r\n" for at in range(0, len(text), line))
    for whole in (body, body.rstrip(), body + b"\r\n", text, body[:100] + b"\r\n" + body[100:]):
        framed = b"--x\r\n" + whole + b"--x--"
        assert decoded_size(framed, 5, 5 + len(whole), "base64") == len(decode(whole, "base64"))


def test_a_reader_process_cannot_call_a_text_without_text():
    row = ["2", "x.docx", "", 9, True]
    assert codec.attached({"documents": [[*row, "docx"]]})[0][5] == ""
    assert codec.attached({"documents": [[*row, "mp4"]]})[0][5] == "mp4"

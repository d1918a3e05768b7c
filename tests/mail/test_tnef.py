"""winmail.dat: everything comes out, or what did not is named."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailguard.mail.tnef import SIGNATURE, extract


def attribute(level: int, name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def stream(*files: tuple[bytes, bytes]) -> bytes:
    data = SIGNATURE + b"\x01\x00" + attribute(1, 0x9006, 8, struct.pack("<I", 0x10000))
    data += attribute(1, 0x9007, 6, struct.pack("<II", 1252, 0)) + attribute(1, 0x8004, 1, b"Subject walrus\x00")
    data += attribute(1, 0x800C, 2, b"Body heron\x00")
    for name, content in files:
        data += (
            attribute(2, 0x9002, 6, bytes(14))
            + attribute(2, 0x8010, 1, name + b"\x00")
            + attribute(2, 0x800F, 6, content)
        )
    return data


FILE = b"Residents otter\n" * 200
WHOLE = stream((b"list.csv", FILE), (b"C:\\x\\second.txt", b"stoat" * 50))


def test_bodies_and_files_come_out_byte_for_byte() -> None:
    found = extract(WHOLE)
    assert found.why == ""
    assert found.subject == "Subject walrus"
    assert found.text == "Body heron"
    assert found.files == [("list.csv", FILE), ("second.txt", b"stoat" * 50)]


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.9, 0.99])
def test_a_stream_cut_off_is_named(share: float) -> None:
    assert extract(WHOLE[: int(len(WHOLE) * share)]).why


def test_a_stream_that_gives_nothing_is_named() -> None:
    data = SIGNATURE + b"\x01\x00" + attribute(1, 0x9006, 8, struct.pack("<I", 0x10000)) + attribute(1, 0x7777, 6, FILE)
    assert extract(data).why == "nothing came out of the TNEF stream"
    assert extract(b"no stream").why == "not a TNEF stream"


@given(st.binary(max_size=200), st.integers(0, len(WHOLE)))
def test_any_bytes_give_a_value(junk: bytes, at: int) -> None:
    extract(SIGNATURE + junk)
    extract(WHOLE[:at] + junk + WHOLE[at + len(junk) :])

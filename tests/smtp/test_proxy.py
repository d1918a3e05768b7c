"""PROXY headers, whole and byte by byte."""

from __future__ import annotations

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailguard.smtp.proxy import ProxyHeader

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
V4 = socket.inet_aton("192.0.2.7") + socket.inet_aton("192.0.2.1") + struct.pack("!HH", 4711, 25)
V6 = socket.inet_pton(socket.AF_INET6, "2001:db8::7") + bytes(16) + struct.pack("!HH", 4711, 25)


def v2(command: int, family: int, payload: bytes) -> bytes:
    return SIGNATURE + bytes([0x20 | command, family]) + struct.pack("!H", len(payload)) + payload


@pytest.mark.parametrize(
    ("header", "source"),
    [
        (b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 25\r\n", ("192.0.2.7", 4711)),
        (b"PROXY TCP6 2001:db8::7 ::1 4711 25\r\n", ("2001:db8::7", 4711)),
        (b"PROXY UNKNOWN\r\n", None),
        (v2(1, 0x11, V4), ("192.0.2.7", 4711)),
        (v2(1, 0x11, V4 + b"\x04\x00\x01x"), ("192.0.2.7", 4711)),
        (v2(1, 0x21, V6), ("2001:db8::7", 4711)),
        (v2(0, 0x00, b""), None),
        (v2(0, 0x11, V4), None),  # LOCAL: the balancer's own, whatever it says
    ],
)
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_headers(header: bytes, source: tuple[str, int] | None, step: int) -> None:
    proxy, rest = ProxyHeader(), None
    data = header + b"EHLO x\r\n"
    for at in range(0, len(data), step):
        rest = proxy.feed(data[at : at + step]) if rest is None else rest + data[at : at + step]
    assert proxy.source == source
    assert rest == b"EHLO x\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"EHLO x\r\n",
        b"PROXY\r\n",
        b"PROXY TCP4 nonsense\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 99999 25\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 25" + b" " * 100,
        SIGNATURE + b"\x11\x11\x00\x0c" + V4,
        SIGNATURE + b"\x21\x11\xff\xff",
        SIGNATURE + b"\x21\x11\x00\x02ab",
    ],
)
def test_what_is_none(data: bytes) -> None:
    with pytest.raises(ValueError, match="PROXY"):
        ProxyHeader().feed(data)


@given(st.one_of(st.binary(), st.binary().map(lambda tail: SIGNATURE + tail), st.binary().map(lambda t: b"PROXY " + t)))
def test_any_bytes_give_a_source_or_an_error(data: bytes) -> None:
    proxy = ProxyHeader()
    try:
        proxy.feed(data)
    except ValueError:
        return
    assert proxy.source is None or proxy.source[0]

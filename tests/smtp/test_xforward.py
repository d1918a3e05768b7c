"""XFORWARD's lines."""

from __future__ import annotations

from mailguard.smtp.xforward import xforward

ALL = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "SOURCE")


def test_all_attributes() -> None:
    assert xforward(ALL, "192.0.2.7", 4711, "client.example", True) == (
        b"XFORWARD NAME=[UNAVAILABLE] ADDR=192.0.2.7 PROTO=ESMTP HELO=client.example SOURCE=REMOTE PORT=4711\r\n",
    )


def test_only_what_is_offered() -> None:
    assert xforward(("ADDR",), "::1", 5, "x", False) == (b"XFORWARD ADDR=IPV6:::1\r\n",)
    assert xforward(("PORT",), "::1", 5, "x", False) == (b"XFORWARD PORT=5\r\n",)
    assert xforward((), "::1", 5, "x", False) == ()
    assert b"SOURCE=LOCAL" in xforward(ALL, "127.0.0.1", 5, "x", False)[0]


def test_values_are_xtext_and_lines_are_short() -> None:
    lines = xforward(ALL, "192.0.2.7", 5, "a b+c=\x7f" + "é" * 250, True)
    assert b"HELO=a+20b+2Bc+3D+7F+C3+A9" in b"".join(lines)
    for line in lines:
        assert line.startswith(b"XFORWARD ")
        assert line.endswith(b"\r\n")
        assert line.count(b" ") == line.count(b"=")

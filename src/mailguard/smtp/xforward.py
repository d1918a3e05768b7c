"""XFORWARD: telling a Postfix who its client's client is (Postfix's XFORWARD_README).

Law: only the attributes the hop listed, in xtext, in lines under 512 bytes; a session's particulars are sent anew for
each mail, because sessions are shared.
"""

from __future__ import annotations

import functools
import ipaddress

_UNKNOWN = "[UNAVAILABLE]"


def xforward(attributes: tuple[str, ...], peer: str, port: int, helo: str, extended: bool) -> tuple[bytes, ...]:
    """The command lines, CRLF included. `attributes`: as offered, upper case."""
    lines = _lines(attributes, peer, helo, extended)
    if "PORT" in attributes and port:
        # The one part that differs with each connection; the others are kept.
        return (*lines[:-1], lines[-1][:-2] + b" PORT=%d\r\n" % port) if lines else (b"XFORWARD PORT=%d\r\n" % port,)
    return lines


@functools.lru_cache(maxsize=1024)
def _lines(attributes: tuple[str, ...], peer: str, helo: str, extended: bool) -> tuple[bytes, ...]:
    values = {
        "NAME": _UNKNOWN,
        "ADDR": f"IPV6:{peer}" if ":" in peer else peer or _UNKNOWN,
        "PROTO": "ESMTP" if extended else "SMTP",
        "HELO": helo[:255] or _UNKNOWN,
        "SOURCE": "LOCAL" if _loopback(peer) else "REMOTE",
    }
    lines: list[bytes] = []
    line = b"XFORWARD"
    for name, value in values.items():
        if name not in attributes:
            continue
        word = b" %s=%s" % (name.encode(), _xtext(value))
        if len(line) + len(word) > 490:
            lines.append(line + b"\r\n")
            line = b"XFORWARD"
        line += word
    return (*lines, line + b"\r\n") if line != b"XFORWARD" else tuple(lines)


def _xtext(value: str) -> bytes:
    """RFC 3461, 4: what is not printable ASCII, and `+` and `=`, as +XX."""
    return b"".join(
        b"+%02X" % byte if byte <= 0x20 or byte >= 0x7F or byte in b"+=" else b"%c" % byte
        for byte in value.encode("utf-8", "surrogateescape")
    )


def _loopback(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False

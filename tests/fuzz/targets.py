"""Each target takes any bytes. Law: it returns, or raises AssertionError for a broken promise; nothing else is right.

What a target promises is what the module it calls says of itself; a target keeps no state between two calls.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from mailguard.daemon.assembly import load
from mailguard.mail import mime
from mailguard.mail.errors import ConfigError, HopError, ProtocolError
from mailguard.mail.limits import Limits
from mailguard.mail.readers.dispatch import read_document
from mailguard.smtp.command import parse
from mailguard.smtp.proxy import ProxyHeader
from mailguard.smtp.replies import ReplyReader
from mailguard.smtp.wire import Unstuffer, clean, stuffed_whole

LIMITS = Limits()


def _cut(data: bytes) -> list[bytes]:
    """The bytes in pieces: the first byte says how long these are."""
    size = 1 + (data[0] if data else 0) % 17
    return [data[at : at + size] for at in range(0, len(data), size)]


def _unstuffed(pieces: list[bytes]) -> tuple[bytes, bytes, bool, bool]:
    reader, message, after = Unstuffer(), b"", b""
    for piece in pieces:
        if reader.ended:
            after += piece
            continue
        more, rest = reader.feed(piece)
        message, after = message + more, after + rest
    return message, after, reader.ended, reader.broken


def wire(data: bytes) -> None:
    """Pieces make no difference; what passes the door passes the exit and comes back the same."""
    whole, pieces = _unstuffed([data]), _unstuffed(_cut(data))
    assert whole[2:] == pieces[2:] or not whole[2]
    if whole[2]:
        assert whole == pieces
    message, _, ended, broken = whole
    if ended and not broken:
        assert clean(message)
        again, after, done, bad = _unstuffed([stuffed_whole(message)])
        assert (again, after, done, bad) == (message, b"", True, False)


def replies(data: bytes) -> None:
    """Pieces make no difference to a hop's replies, and no reply has a line end or NUL in it."""
    found = []
    for pieces in ([data], _cut(data)):
        reader, got = ReplyReader(), []
        try:
            for piece in pieces:
                got += reader.feed(piece)
        except HopError:
            got.append(None)
        found.append(got)
    if None not in found[0]:
        assert found[0] == found[1]
    for reply in found[0]:
        assert reply is None or not any(bad in line for line in reply.lines for bad in (b"\r", b"\n", b"\0"))


def commands(data: bytes) -> None:
    """A line that is taken is passed on as one line."""
    if b"\r" in data or b"\n" in data or b"\0" in data:
        return
    for verb, keyword in ((b"MAIL", b"FROM:"), (b"RCPT", b"TO:")):
        try:
            line = parse(verb, keyword, data).line
        except ProtocolError:
            continue
        assert line.endswith(b"\r\n")
        assert line.count(b"\n") == line.count(b"\r") == 1


def proxy(data: bytes) -> None:
    """A header is whole, unfinished, or none; never anything else."""
    header = ProxyHeader()
    try:
        for piece in _cut(data):
            if header.feed(piece) is not None:
                return
    except ValueError:
        return


def mime_guard(data: bytes) -> None:
    """Any bytes have a structure."""
    mime.parse(data)


def readers(data: bytes) -> None:
    """Any document has a state; its name is its first line."""
    name, _, content = data.partition(b"\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries warn of what they repair
        read_document(content, name.decode("utf-8", "replace"), "application/octet-stream", LIMITS)


def config(data: bytes) -> None:
    """A configuration is right, or a ConfigError tells each fault with its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mailguard.toml"
        path.write_bytes(data)
        faults = ["none"]
        try:
            load(path)
        except ConfigError as error:
            faults = error.faults
        assert faults
        assert not any("\n" in fault for fault in faults)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "wire": wire,
    "replies": replies,
    "commands": commands,
    "proxy": proxy,
    "mime": mime_guard,
    "readers": readers,
    "config": config,
}

"""Frames between the mail worker and a reader: two big-endian 32-bit lengths, a JSON head, a body. Law: JSON only."""

from __future__ import annotations

import dataclasses
import struct
from typing import Any, BinaryIO

from mailguard.mail.limits import Limits
from mailguard.mail.readers import codec

HEADER = struct.Struct(">II")


def request(head: dict[str, Any], body: bytes, limits: Limits) -> bytes:
    """The frame of a request, without its body."""
    data = codec.dumps({**head, "limits": dataclasses.asdict(limits)})
    return HEADER.pack(len(data), len(body)) + data


def receive(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """The next frame's head and body, or None at the end."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    head, body = HEADER.unpack(header)
    return codec.loads(stream.read(head)), stream.read(body)


def send(stream: BinaryIO, value: dict[str, Any]) -> None:
    """Write one answer."""
    data = codec.dumps(value)
    stream.write(HEADER.pack(len(data), 0) + data)
    stream.flush()

"""A message's bytes, in memory or in a spool file. Law: bytes never change; a change is a new Message."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

CHUNK = 256 * 1024
HEAD_LIMIT = 1024 * 1024


class Blob(Protocol):
    """Bytes at rest: CRLF lines, not dot-stuffed, ending in CRLF."""

    size: int
    path: Path | None

    def read(self, start: int = 0, length: int | None = None) -> bytes:
        """Bytes from `start`, at most `length` of them."""
        ...

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """All bytes from `start` in pieces of at most CHUNK bytes."""
        ...

    def close(self) -> None:
        """Give up the bytes; a spool file is removed."""
        ...


class MemoryBlob:
    """A small message, held in memory."""

    __slots__ = ("data", "path", "size")

    def __init__(self, data: bytes) -> None:
        self.data, self.size = data, len(data)
        self.path: Path | None = None

    def read(self, start: int = 0, length: int | None = None) -> bytes:
        if start == 0 and length is None:
            return self.data
        return self.data[start:] if length is None else self.data[start : start + length]

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        for at in range(start, self.size, CHUNK):
            yield self.data[at : at + CHUNK]

    def close(self) -> None:
        """Nothing to give up."""


class SpoolBlob:
    """A large message in a spool file of its own, removed by `close`."""

    __slots__ = ("path", "size")

    def __init__(self, path: Path, size: int) -> None:
        self.path: Path | None = path
        self.size = size

    def read(self, start: int = 0, length: int | None = None) -> bytes:
        assert self.path is not None
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read() if length is None else file.read(length)

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        assert self.path is not None
        with self.path.open("rb") as file:
            file.seek(start)
            while chunk := file.read(CHUNK):
                yield chunk

    def close(self) -> None:
        if self.path is not None:
            self.path.unlink(missing_ok=True)


class Message:
    """`prefix` followed by `blob` from byte `skip` on: header fields are added without touching the rest."""

    __slots__ = ("_head", "blob", "prefix", "skip")

    def __init__(self, blob: Blob, prefix: bytes = b"", skip: int = 0) -> None:
        self.blob, self.prefix, self.skip = blob, prefix, skip
        self._head: bytes | None = None

    @classmethod
    def of(cls, data: bytes) -> Message:
        """A message held in memory."""
        return cls(MemoryBlob(data))

    @property
    def size(self) -> int:
        """Bytes on the wire before dot-stuffing (RFC 1870)."""
        return len(self.prefix) + self.blob.size - self.skip

    @property
    def head(self) -> bytes:
        """The header block with the CRLF of its last field, without the blank line.

        At most HEAD_LIMIT bytes are looked at; the reader calls a longer header malformed.
        """
        if self._head is None:
            data = self.prefix + self.blob.read(self.skip, min(HEAD_LIMIT, self.blob.size))
            if data.startswith(b"\r\n"):
                self._head = b""
            else:
                end = data.find(b"\r\n\r\n")
                self._head = data if end < 0 else data[: end + 2]
        return self._head

    def with_field(self, line: bytes) -> Message:
        """A new message with one header field in front; `line` ends in CRLF and may be folded."""
        assert line.endswith(b"\r\n"), "a header field ends in CRLF"
        return Message(self.blob, line + self.prefix, self.skip)

    def with_head(self, head: bytes) -> Message:
        """A new message whose header block is `head`; the blank line and the body stay as they are."""
        return Message(self.blob, head, self.skip + len(self.head) - len(self.prefix))

    def chunks(self) -> Iterator[bytes]:
        """The bytes in order, in pieces of at most CHUNK bytes or the prefix."""
        if self.prefix:
            yield self.prefix
        yield from self.blob.chunks(self.skip)

    def read(self) -> bytes:
        """All bytes at once: for small messages, and for what must see them whole."""
        return self.prefix + self.blob.read(self.skip)

    def close(self) -> None:
        """Remove the spool file, if there is one. Other messages made from this one share it."""
        self.blob.close()


def spool_path(folder: Path) -> Path:
    """A new name in the spool folder that no other worker uses."""
    return folder / f"{os.getpid()}-{os.urandom(8).hex()}.spool"

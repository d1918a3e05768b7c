"""The form of a sealed body on disk. Law: any changed, missing, added or foreign byte is seen before one is used.

A header of 8 bytes (magic, version, codec), then chunks of at most CHUNK bytes, each AES-256-GCM under the body's own
random key. The nonce counts the chunks and marks the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and
Vizar, 2015), so no chunk can be moved, dropped or added; header and body id are authenticated with every chunk.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mailguard.mail.errors import StoreError, StoreFull
from mailguard.store.errors import Tampered

CHUNK = 1024 * 1024
TAG = 16
HEADER = struct.Struct(">4sBB2x")
MAGIC = b"MGSB"
VERSION = 1
PLAIN, ZSTD = 0, 1
LEVEL = 3
SAMPLE = 128 * 1024
PAYS = 0.9
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write(path: Path, body: str, key: bytes, pieces: Iterable[bytes]) -> int:
    """Seal `pieces` into a new file `path` (0600) and fsync it; gives the file's size. Raises OSError."""
    stream = iter(pieces)
    first = _collect(stream, SAMPLE)
    codec = ZSTD if _pays(first) else PLAIN
    plain = _joined(first, stream)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        header = HEADER.pack(MAGIC, VERSION, codec)
        file.write(header)
        cipher, context = AESGCM(key), header + body.encode()
        for index, chunk, last in _chunks(_compressed(plain) if codec == ZSTD else plain):
            file.write(cipher.encrypt(_nonce(index, last), chunk, context))
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def read(path: Path, body: str, key: bytes) -> Iterator[bytes]:
    """The bytes that were sealed, each piece checked before it is given. Raises Tampered, OSError.

    Whoever consumes must not use a piece before the last has come: a file cut short shows only there.
    """
    with path.open("rb") as file:
        left = os.fstat(file.fileno()).st_size - HEADER.size
        header = file.read(HEADER.size)
        if left < TAG or len(header) != HEADER.size:
            raise Tampered("a held mail's file was cut short")
        magic, version, codec = HEADER.unpack(header)
        if magic != MAGIC or version != VERSION or codec not in {PLAIN, ZSTD}:
            raise Tampered("a held mail's file has no header of ours")
        chunks = _opened(file, left, AESGCM(key), header + body.encode())
        yield from _expanded(chunks) if codec == ZSTD else chunks


def store_error(error: OSError, what: str) -> StoreError:
    """The error in the store's own words; a full disk is a StoreFull."""
    if error.errno in FULL:
        return StoreFull(f"{what}: no room left")
    return StoreError(f"{what}: {error.strerror or type(error).__name__}")


def _opened(file: IO[bytes], left: int, cipher: AESGCM, context: bytes) -> Iterator[bytes]:
    index = 0
    while left > 0:
        sealed = file.read(min(left, CHUNK + TAG))
        left -= len(sealed) if sealed else left
        try:
            yield cipher.decrypt(_nonce(index, left <= 0), sealed, context)
        except InvalidTag:
            raise Tampered("a held mail's file was changed") from None
        index += 1


def _nonce(index: int, last: bool) -> bytes:
    return struct.pack(">QI", index, last)


def _chunks(pieces: Iterator[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Pieces of exactly CHUNK bytes with their index; the last may be shorter, and there is always one."""
    buffer, index = bytearray(), 0
    for piece in pieces:
        buffer += piece
        while len(buffer) > CHUNK:
            yield index, bytes(buffer[:CHUNK]), False
            del buffer[:CHUNK]
            index += 1
    yield index, bytes(buffer), True


def _collect(stream: Iterator[bytes], wanted: int) -> bytes:
    head = bytearray()
    for piece in stream:
        head += piece
        if len(head) >= wanted:
            break
    return bytes(head)


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _pays(sample: bytes) -> bool:
    import zstandard

    return len(zstandard.compress(sample[:SAMPLE], LEVEL)) < PAYS * min(len(sample), SAMPLE)


def _compressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    import zstandard

    packer = zstandard.ZstdCompressor(level=LEVEL).compressobj()
    for piece in pieces:
        if out := packer.compress(piece):
            yield out
    yield packer.flush()


def _expanded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    import zstandard

    unpacker = zstandard.ZstdDecompressor().decompressobj()
    for chunk in chunks:
        for at in range(0, len(chunk), SAMPLE):
            if out := unpacker.decompress(chunk[at : at + SAMPLE]):
                yield out
    if not unpacker.eof:
        raise Tampered("a held mail's file ends too soon")

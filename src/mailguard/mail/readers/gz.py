"""gzip, bzip2 and xz files.

Law: one file inside, counted as it comes out; a truncated one is read as far as it goes.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Any

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers.document import Reading

CHUNK = 64 * 1024
MEMORY = 200_000_000
_SUFFIXES = {
    "gz": (".gz", ".tgz"), "bz2": (".bz2", ".tbz2"), "xz": (".xz", ".txz"), "zst": (".zst", ".tzst"), "lz4": (".lz4",),
    "lz": (".lz",), "lzma": (".lzma", ".tlz"), "compress": (".z", ".taz"),
}  # fmt: skip
_ERRORS = (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError)


def read(data: bytes, out: Reading) -> None:
    """Unpack `data` and read what is in it. Raises Refused."""
    plain, whole = unpack(data, out)
    if not plain and not whole:
        raise Refused(State.BROKEN, f"the {out.kind} file is broken")
    out.member(inner_name(out), plain)
    if not whole:
        out.refuse(State.BROKEN, f"the {out.kind} file is cut short")


def inner_name(out: Reading) -> str:
    """The name of the file inside: "list.csv" of "list.csv.gz", "all.tar" of "all.tgz"."""
    for ending in _SUFFIXES[out.kind]:
        if out.name.lower().endswith(ending):
            return out.name[: -len(ending)] + (".tar" if ending.startswith(".t") else "")
    return f"{out.name} unpacked"


def unpack(data: bytes, out: Reading) -> tuple[bytes, bool]:
    """All streams one after another, and whether the last one was whole. Raises Refused over the budget."""
    pieces: list[bytes] = []
    rest = data
    while rest:
        engine = _engine(out.kind)
        try:
            for piece in _stream(engine, rest):
                out.budget.inflate(len(piece))
                pieces.append(piece)
        except _ERRORS:
            # Bytes after a whole stream are padding, not damage.
            return b"".join(pieces), bool(pieces) and rest is not data
        if not engine.eof:
            return b"".join(pieces), False
        rest = engine.unused_data.lstrip(b"\0")
    return b"".join(pieces), True


def _engine(kind: str) -> Any:
    if kind == "gz":
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    return bz2.BZ2Decompressor() if kind == "bz2" else lzma.LZMADecompressor(memlimit=MEMORY)


def _stream(engine: Any, data: bytes) -> Any:
    piece = engine.decompress(data, CHUNK)
    yield piece
    while not engine.eof:
        # zlib hands back what it did not take; bz2 and lzma keep it and say `needs_input`.
        if hasattr(engine, "unconsumed_tail"):
            if not engine.unconsumed_tail:
                return
            piece = engine.decompress(engine.unconsumed_tail, CHUNK)
        else:
            if engine.needs_input:
                return
            piece = engine.decompress(b"", CHUNK)
        yield piece

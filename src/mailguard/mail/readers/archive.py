"""Archives that are no ZIP, by libarchive. Law: bytes are counted as they come out; no entry is believed.

7z, rar, tar, cab, ar, iso, cpio, xar, lha, rpm; single files in zstd, lz4, lzip, lzma or compress.

Without libarchive only tar is read (by the standard library); the others are then named as not read.
"""

from __future__ import annotations

import importlib
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

from mailguard.mail import filetype, packed
from mailguard.mail.contents import State
from mailguard.mail.limits import Budget, Refused
from mailguard.mail.readers import gz, rar
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.package import part

_PASSWORD = ("passphrase", "encrypt", "password")
_LOCKED = "encrypted with a password"
_CANNOT = re.compile(r"unavailable|not supported|unsupported (?:compression|method|feature)", re.I)


@cache
def libarchive() -> Any | None:
    """The libarchive binding, or None where the system library is missing."""
    try:
        return importlib.import_module("libarchive")
    except (ImportError, OSError, TypeError, AttributeError):
        return None


def read(data: bytes, out: Reading) -> None:
    """Read an archive into `out`. Raises Refused."""
    if libarchive() is None:
        if out.kind != "tar":
            raise Refused(State.LOCKED, f"a {out.kind} archive, and libarchive is not installed")
        _tar(data, out)
        return
    if out.kind in packed.COMPRESSED:
        _single(data, out)
    else:
        _entries(data[packed.behind(data)[1] if filetype.is_program(data) else 0 :], out)


def _entries(data: bytes, out: Reading) -> None:
    library = libarchive()
    assert library is not None
    names: list[str] = []
    encrypted = files = 0
    locks = rar.locked(data) if out.kind == "rar" else []
    failed = None
    try:
        with library.memory_reader(data) as archive:
            for number, entry in enumerate(archive):
                if entry.isdir:
                    continue
                name = str(entry.pathname or "")
                names.append(name)
                files += 1
                if number < len(locks) and locks[number]:
                    out.unread(name, entry.size or 0, State.ENCRYPTED, _LOCKED)
                    encrypted += 1
                elif not _entry(entry, name, out):
                    encrypted += 1
    except library.ArchiveError as error:
        failed = error
    out.text("\n".join(names), "file names")
    if (files and encrypted == files) or (failed and (_about_password(failed) or (locks and all(locks)))):
        out.parts.clear()
        raise Refused(State.ENCRYPTED, _LOCKED)
    if failed:
        raise _refusal(failed, out.kind, bool(encrypted or any(locks)))
    if not files and out.kind == "rar":
        raise Refused(State.BROKEN, "no file of the archive begins in this one: it goes on from another file")


def _refusal(error: Exception, kind: str, secret: bool) -> Refused:
    if secret:
        return Refused(State.LOCKED, "holds encrypted files, and what stands behind them could not be read")
    if _CANNOT.search(str(error)):
        return Refused(State.LOCKED, f"packed in a form of {kind} that is not read")
    return Refused(State.BROKEN, f"the {kind} archive is broken")


def _entry(entry: Any, name: str, out: Reading) -> bool:
    """Read one entry; False where it is encrypted."""
    pieces: list[bytes] = []
    fault = ""
    try:
        pieces.extend(_blocks(entry, out.budget))
    except Refused:
        raise
    except Exception as error:
        if type(error).__name__ != "ArchiveError":
            raise
        if _about_password(error):
            out.unread(name, 0, State.ENCRYPTED, _LOCKED)
            return False
        fault = "a packed file is damaged"
        if not pieces:
            out.unread(name, 0, State.BROKEN, fault)
            return True
    content = b"".join(pieces)
    if out.kind == "rar" and len(content) < (entry.size or 0):
        fault = "a packed file is cut short: the archive goes on in another file"
    out.member(name, content)
    if fault:
        out.refuse(State.BROKEN, fault)
    return True


def _single(data: bytes, out: Reading) -> None:
    """A compressed file without a directory: as far as it can be unpacked."""
    library = libarchive()
    assert library is not None
    pieces: list[bytes] = []
    whole = True
    try:
        with library.memory_reader(data, format_name="raw") as archive:
            for entry in archive:
                pieces.extend(_blocks(entry, out.budget))
    except library.ArchiveError:
        whole = False
    if pieces:
        out.member(gz.inner_name(out), b"".join(pieces))
    if not whole:
        out.refuse(State.BROKEN, f"the {out.kind} file is broken")


def zipped(data: bytes, name: str, crc: int, budget: Budget) -> bytes | None:
    """A member of a ZIP file packed by a method of libarchive's (zstd, xz, PPMd); None where it cannot be had.

    Two members may have one name: `crc`, which the directory gives, tells which of them is meant.
    """
    library = libarchive()
    if library is None:
        return None
    try:
        with library.memory_reader(data, format_name="zip") as archive:
            for entry in archive:
                if part(str(entry.pathname)) != name:
                    continue
                content = b"".join(_blocks(entry, budget))
                if zlib.crc32(content) == crc:
                    return content
    except library.ArchiveError:
        pass
    return None


def _blocks(entry: Any, budget: Budget) -> Iterator[bytes]:
    """The bytes of an entry as they come out, counted: what came before a fault is had."""
    for block in entry.get_blocks():
        budget.inflate(len(block))
        yield bytes(block)


def _about_password(error: Exception) -> bool:
    words = str(error).lower()
    return any(word in words for word in _PASSWORD)


def _tar(data: bytes, out: Reading) -> None:
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for entry in archive:
                file = archive.extractfile(entry) if entry.isreg() else None
                if file is not None:
                    out.budget.inflate(entry.size)
                    out.member(entry.name, file.read())
    except (tarfile.TarError, OSError, ValueError) as error:
        raise Refused(State.BROKEN, "the tar archive is broken") from error

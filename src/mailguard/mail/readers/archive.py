"""7z, rar, tar, cab and ar archives by libarchive. Law: bytes are counted as they come out; no entry is believed.

Without libarchive only tar is read (by the standard library); the others are then named as not read.
"""

from __future__ import annotations

import importlib
import io
import tarfile
from functools import cache
from typing import Any

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers.document import Reading

_PASSWORD = ("passphrase", "encrypt", "password")


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
    _entries(data, out)


def _entries(data: bytes, out: Reading) -> None:
    library = libarchive()
    assert library is not None
    names: list[str] = []
    encrypted = files = 0
    try:
        with library.memory_reader(data) as archive:
            for entry in archive:
                if entry.isdir:
                    continue
                name = str(entry.pathname or "")
                names.append(name)
                files += 1
                if not _entry(entry, name, out):
                    encrypted += 1
    except library.ArchiveError as error:
        if _about_password(error):
            raise Refused(State.ENCRYPTED, "encrypted with a password") from error
        out.text("\n".join(names), "file names")
        raise Refused(State.BROKEN, f"the {out.kind} archive is broken") from error
    out.text("\n".join(names), "file names")
    if files and encrypted == files:
        out.parts.clear()
        raise Refused(State.ENCRYPTED, "encrypted with a password")


def _entry(entry: Any, name: str, out: Reading) -> bool:
    """Read one entry; False where it is encrypted."""
    pieces: list[bytes] = []
    try:
        for block in entry.get_blocks():
            out.budget.inflate(len(block))
            pieces.append(bytes(block))
    except Refused:
        raise
    except Exception as error:
        if type(error).__name__ != "ArchiveError":
            raise
        if _about_password(error):
            out.unread(name, 0, State.ENCRYPTED, "encrypted with a password")
            return False
        if not pieces:
            out.unread(name, 0, State.BROKEN, "a packed file is damaged")
            return True
    out.member(name, b"".join(pieces))
    return True


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

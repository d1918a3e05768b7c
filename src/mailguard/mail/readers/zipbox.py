"""ZIP files with a byte budget. Law: what comes out is counted as it comes out; encrypted members are never guessed at.

Formats: PKWARE APPNOTE 6.3 (flag bit 0 encrypted, bit 6 strong encryption, method 99 AES by WinZip AE-1/AE-2).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from enum import Enum

from mailguard.mail.contents import State
from mailguard.mail.limits import Budget, Refused
from mailguard.mail.readers.package import part

CHUNK = 64 * 1024
METHOD_AES = 99
_LOCAL_MARK = b"PK\x03\x04"
_LOCAL = struct.Struct("<4s5H3I2H")
# Bits 0, 6 and 13 of the flags: strong encryption, and the directory too (APPNOTE 7.3.4).
_HIDDEN_DIRECTORY = re.compile(rb"PK\x03\x04..[\x41\x43\x45\x47\x49\x4b\x4d\x4f][\x20-\x3f]", re.DOTALL)


class Lock(Enum):
    """How a member is encrypted."""

    NONE = "none"
    STRONG = "strong"
    WEAK = "weak"


class ZipBox:
    """The members of one ZIP file, each read under the budget. Raises Refused(BROKEN) where it is no ZIP."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        self._data, self._budget = data, budget
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, struct.error) as error:
            if _HIDDEN_DIRECTORY.match(data):
                raise Refused(State.ENCRYPTED, "its directory is encrypted") from error
            raise Refused(State.BROKEN, "the ZIP directory is broken") from error
        # Two members of one name: ZipFile gives the last, other programs the first; both are listed.
        # `is_dir` of a member without a name is an IndexError.
        self.infos = [info for info in self._zip.infolist() if not info.filename.endswith("/")]
        for info in self.infos:
            info.filename = part(info.filename) or info.filename
        self.names = [info.filename for info in self.infos]
        if len(self.infos) > budget.limits.members:
            raise Refused(State.OVER_LIMIT, f"holds more than {budget.limits.members:,} files")
        self._by_name = {info.filename.casefold(): info for info in reversed(self.infos)}

    @staticmethod
    def lock(info: zipfile.ZipInfo) -> Lock:
        """How `info` is encrypted; ZipCrypto is weak and does not count as encryption."""
        if not info.flag_bits & 0x1:
            return Lock.NONE
        return Lock.STRONG if info.compress_type == METHOD_AES or info.flag_bits & 0x40 else Lock.WEAK

    def comments(self) -> str:
        """What was noted on the archive and on its members."""
        found = [self._zip.comment, *(info.comment for info in self.infos)]
        return "\n".join(note.decode("utf-8", "replace") for note in found if note)

    def has(self, name: str) -> bool:
        """True if there is a member `name` (case does not matter, as in Office)."""
        return name.casefold() in self._by_name

    def get(self, name: str) -> bytes:
        """The bytes of member `name`, or b"" if there is none. Raises Refused."""
        info = self._by_name.get(name.casefold())
        return b"" if info is None else self.read(info)

    def read(self, info: zipfile.ZipInfo) -> bytes:
        """The unpacked bytes of one member. Raises Refused: over the budget, broken, or not a method that is read."""
        lock = self.lock(info)
        if lock is Lock.STRONG:
            raise Refused(State.ENCRYPTED, "encrypted with a password")
        if lock is Lock.WEAK:
            raise Refused(State.LOCKED, "locked with ZipCrypto, which does not count as encryption")
        try:
            return self._unpack(info)
        except NotImplementedError as error:
            raise Refused(State.LOCKED, f"packed with method {info.compress_type}, which is not read") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error, IndexError) as error:
            salvaged = self._salvage(info)
            if salvaged:
                return salvaged
            raise Refused(State.BROKEN, "a packed file is damaged") from error

    def _unpack(self, info: zipfile.ZipInfo) -> bytes:
        pieces = []
        with self._zip.open(info) as file:
            while piece := file.read(CHUNK):
                self._budget.inflate(len(piece))
                pieces.append(piece)
        return b"".join(pieces)

    def _salvage(self, info: zipfile.ZipInfo) -> bytes:
        """Unpack by the local header alone: wrong sizes, names and checksums in the directory do not hide text."""
        at = info.header_offset
        head = self._data[at : at + _LOCAL.size]
        if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
            return b""
        fields = _LOCAL.unpack(head)
        method, start = fields[3], at + _LOCAL.size + fields[9] + fields[10]
        packed = memoryview(self._data)[start:]
        if method == zipfile.ZIP_STORED:
            kept = bytes(packed[: max(info.compress_size, 0)])
            self._budget.inflate(len(kept))
            return kept
        if method != zipfile.ZIP_DEFLATED:
            return b""
        return inflate_raw(packed, self._budget)


def local_files(data: bytes, budget: Budget) -> Iterator[tuple[str, bytes]]:
    """Files found by their local headers, for a ZIP whose directory is broken. Raises Refused over the budget."""
    at = data.find(_LOCAL_MARK)
    while at >= 0 and at + _LOCAL.size <= len(data):
        fields = _LOCAL.unpack_from(data, at)
        flags, method, size, name_length, extra = fields[2], fields[3], fields[7], fields[9], fields[10]
        name = data[at + _LOCAL.size : at + _LOCAL.size + name_length].decode("utf-8", "replace")
        start = at + _LOCAL.size + name_length + extra
        following = data.find(_LOCAL_MARK, start)
        packed = memoryview(data)[start:]
        if not flags & 1 and method == zipfile.ZIP_DEFLATED:
            yield name, inflate_raw(packed, budget)
        elif not flags & 1 and method == zipfile.ZIP_STORED and not name.endswith("/"):
            kept = bytes(packed[: size or max(0, (len(data) if following < 0 else following) - start)])
            budget.inflate(len(kept))
            yield name, kept
        at = following


def inflate_raw(packed: memoryview, budget: Budget) -> bytes:
    """What can be inflated from a raw deflate stream, up to its first fault. Raises Refused over the budget."""
    return inflated(packed, budget, -zlib.MAX_WBITS)


def inflated(packed: bytes | memoryview, budget: Budget, window: int = zlib.MAX_WBITS) -> bytes:
    """As `inflate_raw`, for a zlib stream."""
    engine = zlib.decompressobj(window)
    pieces: list[bytes] = []
    for at in range(0, len(packed), CHUNK):
        feed: bytes = bytes(packed[at : at + CHUNK])
        while feed and not engine.eof:
            try:
                piece = engine.decompress(feed, CHUNK)
            except zlib.error:
                return b"".join(pieces)
            budget.inflate(len(piece))
            pieces.append(piece)
            feed = engine.unconsumed_tail
        if engine.eof:
            break
    return b"".join(pieces)

"""The property storages of an Outlook message. Law: what cannot be read is counted as damage, never passed over.

MS-OXMSG 2.1 to 2.4: one stream for each property that has no fixed size, `__properties_version1.0` for the others.
"""

from __future__ import annotations

import datetime
import struct
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any

import olefile

from mailguard.mail.headers import charset_text
from mailguard.mail.readers import codepages
from mailguard.mail.readers.document import Reading

Path = tuple[str, ...]

_STREAM, _FIXED = "__substg1.0_", "__properties_version1.0"
_NARROW, _WIDE, _BINARY, _OBJECT, _MANY = 0x1E, 0x1F, 0x102, 0x0D, 0x1000
_TIME, _LONG = 0x40, 0x03
_CODE_PAGE, _WEB_CODE_PAGE = 0x3FFD, 0x3FDE
_EPOCH = datetime.datetime(1601, 1, 1, tzinfo=datetime.UTC)
_DEEPEST = 40
_BROKEN = (OSError, struct.error, ValueError, IndexError)


class Tree:
    """All streams and storages of the file by the storage they are in; shared by its stores."""

    def __init__(self, file: olefile.OleFileIO, out: Reading) -> None:
        self.file, self.out = file, out
        self.within: dict[Path, dict[str, Any]] = {}
        self.damaged = False
        self._list((), file.root)

    def _list(self, path: Path, storage: Any) -> None:
        """Own lists, since olefile looks for each stream from the root on: minutes for 2,000 recipients."""
        self.within[path] = {entry.name: entry for entry in storage.kids}
        for entry in storage.kids:
            if entry.entry_type == olefile.STGTY_STORAGE and len(path) < _DEEPEST:
                self._list((*path, entry.name), entry)

    def bytes(self, path: Path) -> bytes:
        """The bytes of a stream, b"" where it is damaged. Raises Refused over the budget."""
        entry = self.within[path[:-1]][path[-1]]
        if entry.entry_type != olefile.STGTY_STREAM or not entry.size:
            return b""
        try:
            data: bytes = self.file._open(entry.isectStart, entry.size).read()
        except _BROKEN:
            data = b""
        self.damaged = self.damaged or len(data) < entry.size
        self.out.budget.inflate(len(data))
        return data


class Store:
    """One message, recipient or attachment: its properties by number."""

    def __init__(self, tree: Tree, path: Path = (), page: int = 0) -> None:
        self._tree, self.path = tree, path
        self._names: dict[int, dict[int, list[str]]] = {}
        for name in sorted(tree.within.get(path, ())):
            if name.lower().startswith(_STREAM):
                self._add(name)
        self._fixed = self._values()
        found = self._fixed.get((_CODE_PAGE, _LONG), b"")
        self._page = struct.unpack_from("<I", found)[0] if found else page

    def _add(self, name: str) -> None:
        try:
            tag = int(name[len(_STREAM) : len(_STREAM) + 8], 16)
        except ValueError:
            return
        # The stream of a property with many values holds their lengths alone; the values have streams of their own.
        if not (tag & _MANY and "-" not in name):
            self._names.setdefault(tag >> 16, {}).setdefault(tag & 0xFFF, []).append(name)

    def _values(self) -> dict[tuple[int, int], bytes]:
        data = self._tree.bytes((*self.path, _FIXED)) if _FIXED in self._tree.within.get(self.path, ()) else b""
        # The stream begins with 32 bytes in the message, 24 in a message inside, 8 in a recipient or an attachment.
        start = 32 if not self.path else 24 if self.path[-1].startswith(_STREAM) else 8
        found = {}
        for at in range(start, len(data) - 15, 16):
            tag = struct.unpack_from("<I", data, at)[0]
            found[tag >> 16, tag & 0xFFFF] = data[at + 8 : at + 16]
        return found

    @property
    def file(self) -> olefile.OleFileIO:
        """The compound file."""
        return self._tree.file

    @property
    def is_message(self) -> bool:
        """True for a message; an object of another program has no properties."""
        return _FIXED in self._tree.within.get(self.path, ())

    def damaged(self) -> bool:
        """True where a stream could not be read."""
        return self._tree.damaged

    def text(self, number: int) -> str:
        """A property's string, "" if it has none."""
        return "\n".join(value for _, value in self._strings(number))

    def strings(self) -> Iterator[tuple[int, str]]:
        """Every string with its property's number."""
        for number in sorted(self._names):
            yield from self._strings(number)

    def binaries(self) -> Iterator[tuple[int, bytes]]:
        """Every binary value with its property's number."""
        for number, kinds in sorted(self._names.items()):
            for name in kinds.get(_BINARY, []):
                yield number, self._tree.bytes((*self.path, name))

    def _strings(self, number: int) -> Iterator[tuple[int, str]]:
        for kind in (_WIDE, _NARROW):
            for name in self._names.get(number, {}).get(kind, []):
                data = self._tree.bytes((*self.path, name))
                value = data.decode("utf-16-le", "replace") if kind == _WIDE else codepages.text(data, self._page)
                if value := value.strip("\0"):
                    yield number, value

    def raw(self, number: int) -> bytes:
        """A binary property, b"" if there is none."""
        names = self._names.get(number, {}).get(_BINARY, [])
        return self._tree.bytes((*self.path, names[0])) if names else b""

    def html(self, number: int) -> bytes:
        """A body in HTML, as UTF-8 where its code page is known apart from the page."""
        data = self.raw(number)
        if not data:
            return BOM_UTF8 + found.encode("utf-8", "replace") if (found := self.text(number)) else b""
        value = self._fixed.get((_WEB_CODE_PAGE, _LONG))
        charset = codepages.charset(struct.unpack_from("<I", value)[0]) if value else ""
        return BOM_UTF8 + charset_text(data, charset).encode("utf-8", "replace") if charset else data

    def date(self, number: int) -> str:
        """A property's day and hour, "" if it has none."""
        value = self._fixed.get((number, _TIME))
        if value is None:
            return ""
        try:
            return f"{_EPOCH + datetime.timedelta(microseconds=int.from_bytes(value, 'little') // 10):%d/%m/%Y %H:%M}"
        except OverflowError:
            return ""

    def child(self, number: int) -> Store | None:
        """The storage that is the value of a property: an attached message or object."""
        names = self._names.get(number, {}).get(_OBJECT, [])
        return Store(self._tree, (*self.path, names[0]), self._page) if names else None

    def children(self, prefix: str) -> Iterator[Store]:
        """The recipients or attachments."""
        for name in sorted(self._tree.within.get(self.path, ())):
            if name.lower().startswith(prefix):
                yield Store(self._tree, (*self.path, name), self._page)


def stores(file: olefile.OleFileIO, out: Reading) -> Store:
    """The message that the compound file is."""
    return Store(Tree(file, out))

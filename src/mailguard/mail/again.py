"""Bodies that are sent again and again. Law: what is remembered is what reading the same bytes again would give.

A mailing is often one transaction a recipient with one body: it is read once. Of a body that came once nothing is kept
but a number of 64 bits that cannot be turned back; its contents are kept from the second time on, in this process's
memory alone, for at most KEPT seconds and SPACE bytes. A mail with anything odd in its header, with a defect, or with
a part that could not be read is always read anew.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from sys import getsizeof

from mailguard.mail.contents import Contents, Headers
from mailguard.mail.headers import decoded, raw_fields

SPACE = 4_000_000
KEPT = 600.0
NUMBERS = 10_000
ENDS = 2048
HEAD = 32_000
ENTRY, PIECE = 2000, 500
"""Bytes of the smallest mail that is kept, and of each part and text, beside its words."""
# What the reading of a body hangs on (see `mime_walk`, `body.thread_of`); other fields are read with each mail.
_TELLING = frozenset({"subject", "in-reply-to", "references", "mime-version"})
# Nothing but fields: no blank line in front (then all is body), no `From ` line, no bare CR or LF, ASCII alone.
_FIELDS = re.compile(rb"(?:[!-9;-~]+:[\t -~]*\r\n(?:[ \t][\t -~]*\r\n)*)+")

Shape = tuple[tuple[tuple[str, str], ...], bytes]


class Again:
    """The contents of bodies that were seen twice."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self._clock = clock
        self._once: dict[int, None] = {}
        self._kept: dict[Shape, tuple[float, int, Contents]] = {}
        self._size = 0

    @property
    def kept(self) -> int:
        """How many bodies are remembered."""
        return len(self._kept)

    def contents(self, data: bytes) -> tuple[Contents | None, Shape | None]:
        """What is remembered of the body of these bytes, with their own header fields; and where to keep it, if not."""
        body = data.find(b"\r\n\r\n")
        if not 0 < body < HEAD or len(data) - body > SPACE // 4:
            return None, None
        if self._first(data, body):
            return None, None
        fields = _plain(data[: body + 2])
        if fields is None:
            return None, None
        shape = (tuple(item for item in fields if _tells(item[0])), data[body:])
        self._forget()
        if (kept := self._kept.get(shape)) is None:
            return None, shape
        return replace(kept[2], headers=decoded(fields)), None

    def keep(self, shape: Shape, contents: Contents) -> None:
        """Remember what was read, unless reading it again might give something else."""
        if contents.defects or contents.unreadable or shape in self._kept:
            return
        size = _size(shape, contents)
        if size > SPACE // 4:
            return
        self._kept[shape] = (self._clock(), size, replace(contents, headers=Headers(())))
        self._size += size
        self._forget()

    def _first(self, data: bytes, body: int) -> bool:
        """True where this is the first of its kind, as far as its length and its ends tell."""
        number = hash((len(data) - body, data[body : body + ENDS], data[max(body, len(data) - ENDS) :]))
        if number in self._once:
            return False
        self._once[number] = None
        if len(self._once) > NUMBERS:
            del self._once[next(iter(self._once))]
        return True

    def _forget(self) -> None:
        limit = self._clock() - KEPT
        while self._kept:
            shape = next(iter(self._kept))
            since, size, _ = self._kept[shape]
            if since >= limit and self._size <= SPACE:
                return
            del self._kept[shape]
            self._size -= size


def _size(shape: Shape, contents: Contents) -> int:
    """Bytes they take, about: a body of a few kilobytes may unpack to thousands of times as much."""
    fields = sum(len(name) + len(value) for name, value in shape[0])
    texts = sum(2 * getsizeof(text.content) for text in contents.texts)  # as it is, and folded
    cells = sum(getsizeof(cell) for table in contents.tables for row in table.rows for cell in row)
    pieces = len(contents.parts) + len(contents.texts) + len(contents.hidden)
    return ENTRY + PIECE * pieces + len(shape[1]) + fields + texts + cells


def _plain(head: bytes) -> list[tuple[str, str]] | None:
    """The fields of a header that every parser reads alike; None for any other."""
    if not _FIELDS.fullmatch(head) or b" \r\n" in head or b"\t\r\n" in head:
        return None
    fields, _ = raw_fields(head)
    once = [name for name, _ in fields if name == "from" or _tells(name)]
    return fields if len(set(once)) == len(once) else None


def _tells(name: str) -> bool:
    return name in _TELLING or name.startswith("content-")

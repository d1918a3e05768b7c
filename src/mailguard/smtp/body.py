"""Takes in one message's body as it arrives: small in memory, large straight into a spool file.

Law: memory does not grow with a message's size, and a broken or too large one is read to its end and thrown away.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from mailguard.mail.message import MemoryBlob, Message, SpoolBlob, spool_path
from mailguard.mail.reply import Reply
from mailguard.smtp import replies
from mailguard.smtp.settings import Limits
from mailguard.smtp.wire import Unstuffer


class Body:
    """One DATA's worth of bytes. Feed it until `ended`, then `fault` or `message()` says what it was."""

    __slots__ = ("_descriptor", "_folder", "_limits", "_path", "_pieces", "_unstuffer", "fault", "size")

    def __init__(self, limits: Limits, folder: Path) -> None:
        self._limits, self._folder = limits, folder
        self._unstuffer = Unstuffer()
        self._pieces: list[bytes] = []
        self._path: Path | None = None
        self._descriptor = -1
        self.size = 0
        self.fault: Reply | None = None

    @property
    def ended(self) -> bool:
        """True once the final dot was seen."""
        return self._unstuffer.ended

    def feed(self, piece: bytes) -> bytes:
        """Take `piece`; gives what came after the final dot."""
        data, rest = self._unstuffer.feed(piece)
        self.size += len(data)
        if self._unstuffer.broken:
            self._fail(replies.BARE)
        elif self._limits.message and self.size > self._limits.message:
            self._fail(replies.TOO_BIG)
        elif self.fault is None and data:
            if self._descriptor >= 0 or self.size > self._limits.spool_over:
                self._spill(data)
            else:
                self._pieces.append(data)
        return rest

    def message(self) -> Message:
        """The message; the spool file is now its own. Only after `ended`, without a `fault`."""
        if self._path is None:
            return Message(MemoryBlob(self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)))
        os.close(self._descriptor)
        self._descriptor = -1
        path, self._path = self._path, None
        return Message(SpoolBlob(path, self.size))

    def discard(self) -> None:
        """Give up what was taken in; safe to call at any time."""
        self._pieces = []
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None

    def _spill(self, data: bytes) -> None:
        try:
            if self._descriptor < 0:
                self._path = spool_path(self._folder)
                self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                data, self._pieces = b"".join([*self._pieces, data]), []
            _write_all(lambda view: os.write(self._descriptor, view), data)
        except OSError:
            self._fail(replies.NO_ROOM)

    def _fail(self, reply: Reply) -> None:
        if self.fault is None:
            self.fault = reply
            self.discard()


def _write_all(write: Callable[[memoryview], int], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[write(view) :]

"""A message to its contents: body here, documents in reader processes. Law: a plain mail never waits for a process.

A mail over `Limits.inline` is read whole by a reader process, by the path of its spool file; this process never
loads it. Each document is a job of its own: what it breaks, takes or exceeds is that document's state alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from mailguard.mail import crypto, filetype, mime
from mailguard.mail.again import Again
from mailguard.mail.contents import Contents, Hidden, Part, State, Table, Text
from mailguard.mail.limits import Limits, Refused
from mailguard.mail.message import Message
from mailguard.mail.pool import Pool, Source
from mailguard.mail.readers import codec
from mailguard.mail.readers.dispatch import SEALABLE, read_document
from mailguard.mail.readers.document import Document
from mailguard.mail.readers.outline import Attached, outline

HERE = frozenset({"txt", "csv", "html", "vcard"})
_GARBAGE = (ValueError, TypeError, KeyError, RecursionError)


class Reader:
    """Reads messages. Raises nothing for what is in a mail; cancellation passes through."""

    def __init__(self, pool: Pool, limits: Limits | None = None) -> None:
        self._pool, self._limits = pool, limits or pool.limits
        self._waited = replace(self._limits, ocr=False)
        self._again = Again()

    async def read(self, message: Message, *, deadline: float, waiting: bool = True) -> Contents:
        """All a message says, by `deadline` (the event loop's clock); what is not read by then is `late`.

        `waiting`: a client waits for the reply, so pictures are passed over whatever the limits allow.
        """
        limits = self._waited if waiting else self._limits
        if message.size > limits.inline:
            return await self._large(message, deadline, limits)
        data = message.read()
        if limits is not self._waited:
            return await self._small(data, deadline, limits)
        contents, shape = self._again.contents(data)
        if contents is None:
            contents = await self._small(data, deadline, limits)
            if shape:
                self._again.keep(shape, contents)
        return contents

    async def _small(self, data: bytes, deadline: float, limits: Limits) -> Contents:
        found = outline(data)
        if not found.documents:
            return found.contents
        tray = _Tray(found.contents, limits)
        for item in found.documents:
            tray.add(item, await self._document(item, tray.left, deadline))
        return tray.contents()

    async def _document(self, item: Attached, left: Limits, deadline: float) -> Document:
        if found := told(item, left):
            return found
        data = item.data()
        found = here(data, item, left)
        if found is not None:
            return found
        return await self._pool.read(Source(data), item.name, item.declared, deadline, left)

    async def _large(self, message: Message, deadline: float, limits: Limits) -> Contents:
        if message.blob.path is None:
            source = Source(message.read())
        else:
            source = Source(message.prefix, message.blob.path, message.skip)
        try:
            answer = await self._pool.ask({"job": "mail"}, source, deadline, limits)
            tray = _Tray(codec.contents(answer), limits)
            documents = [Attached(*fields, data=bytes) for fields in codec.attached(answer)]
        except Refused as refused:
            return _headers_only(message, refused)
        except _GARBAGE:
            return _headers_only(message, Refused(State.BROKEN, "the reader process gave no sensible answer"))
        for number, item in enumerate(documents):
            left, head = tray.left, {"job": "leaf", "leaf": number}
            document = told(item, left) or await self._pool.document(head, source, deadline, left)
            tray.add(item, document)
        return tray.contents()


def told(item: Attached, limits: Limits) -> Document | None:
    """A large document whose ends told that it has no text; None for all others."""
    if not item.kind or _pictured(item.kind, limits):
        return None
    return Document(item.kind, State.NO_TEXT, "", item.size)


def _pictured(kind: str, limits: Limits) -> bool:
    """True for a picture that is to be read (`ocr`)."""
    return limits.ocr and kind in filetype.PICTURES


def here(data: bytes, item: Attached, limits: Limits) -> Document | None:
    """Documents that cost nothing: kinds without text, and small plain files. None for all others."""
    kind = filetype.sniff(data, item.name, item.declared)
    if kind in SEALABLE and (why := crypto.sealed(data)):
        return Document(kind, State.ENCRYPTED, why, len(data))
    if kind in filetype.WITHOUT_TEXT and not _pictured(kind, limits):
        return Document(kind, State.NO_TEXT, "", len(data))
    if kind in HERE and len(data) <= limits.small_text:
        return read_document(data, item.name, item.declared, limits)
    return None


def _headers_only(message: Message, refused: Refused) -> Contents:
    """What remains of a large mail that no process could read."""
    part = Part("1", "", "message/rfc822", "mail", message.size, refused.state, refused.why)
    return Contents(mime.parse(message.head + b"\r\n").headers, (part,))


class _Tray:
    """Contents in the making: documents join one by one, under the limits of the whole mail."""

    def __init__(self, contents: Contents, limits: Limits) -> None:
        self._contents, self._limits = contents, limits
        self._parts: list[Part] = []
        self._texts: list[Text] = []
        self._tables: list[Table] = []
        self._hidden: list[Hidden] = []

    @property
    def left(self) -> Limits:
        """The limits for the next document: rows, cells and characters are shared by a mail's documents."""
        rows = sum(len(table.rows) for table in self._tables)
        cells = sum(len(row) for table in self._tables for row in table.rows)
        text = sum(len(text.content) for text in self._texts)
        limits = self._limits
        return replace(limits, rows=limits.rows - rows, cells=limits.cells - cells, text=limits.text - text)

    def add(self, item: Attached, document: Document) -> None:
        """A document joins; its paths become the mail's ("1.2", "1.2/Residents.zip/list.xlsx")."""
        path = item.path
        size = document.size or item.size
        self._parts.append(
            Part(path, item.name, item.declared, document.kind, size, document.state, document.why, item.attachment)
        )
        self._parts += [replace(part, path=f"{path}/{part.path}") for part in document.parts]
        self._texts += [replace(text, part=_under(path, text.part)) for text in document.texts]
        self._tables += [replace(table, part=_under(path, table.part)) for table in document.tables]
        self._hidden += document.hidden

    def contents(self) -> Contents:
        """The whole."""
        base = self._contents
        return replace(
            base,
            parts=(*base.parts, *self._parts),
            texts=(*base.texts, *self._texts),
            tables=(*base.tables, *self._tables),
            hidden=(*base.hidden, *self._hidden),
            worked={},
        )


def _under(path: str, part: str) -> str:
    return f"{path}/{part}" if part else path


def read_sync(data: bytes, limits: Limits | None = None) -> Contents:
    """Read one message with a process of its own: for the command line and tests, not inside a running event loop."""
    return next(iter(read_many([data], limits)))


def read_many(mails: Iterable[bytes], limits: Limits | None = None) -> list[Contents]:
    """Read messages one after another with one reader process. As `read_sync`."""
    chosen = limits or Limits()

    async def run() -> list[Contents]:
        pool = Pool(chosen)
        reader, loop = Reader(pool), asyncio.get_running_loop()
        try:
            return [await reader.read(Message.of(data), deadline=loop.time() + 90) for data in mails]
        finally:
            await pool.stop()

    return asyncio.run(run())

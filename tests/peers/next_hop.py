"""A next hop that does what it is told: refuses, stalls, drops, lies, speaks garbage, offers what it is told to offer.

Law: real sockets, and it remembers everything: each line of each connection, and each message it took.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Self

EVERYTHING = (
    "PIPELINING",
    "SIZE 10240000",
    "8BITMIME",
    "SMTPUTF8",
    "DSN",
    "ENHANCEDSTATUSCODES",
    "XFORWARD NAME ADDR PORT PROTO HELO SOURCE",
)

# What an answer may be besides bytes.
DROP = "drop"  # close without a reply
STALL = "stall"  # never reply
ABORT = "abort"  # reset the connection

Answer = bytes | str


@dataclass
class Taken:
    """A message whose final dot came (`answered` if it was told 2yz), undotted."""

    mail: bytes
    rcpts: list[bytes]
    data: bytes
    answered: bool = False


@dataclass
class Connection:
    """What was heard on one connection, and how it was cut into packets."""

    lines: list[bytes] = field(default_factory=list)
    packets: list[bytes] = field(default_factory=list)
    secure: bool = False
    closed: asyncio.Event = field(default_factory=asyncio.Event)


class NextHop:
    """`async with NextHop() as hop`: then `hop.address`, `hop.taken`, `hop.connections`.

    `answers[verb]` is a queue of answers to that verb (MAIL, RCPT, DATA, message, RSET, EHLO, greeting, AUTH, line
    (any line of an AUTH exchange), body (right after DATA's 354, before the body is read)); when it is empty, the
    hop agrees. `default[verb]` replaces that agreement.
    """

    def __init__(self, offers: tuple[str, ...] = EVERYTHING, tls: ssl.SSLContext | None = None) -> None:
        self.offers, self.tls = offers, tls
        self.answers: defaultdict[str, list[Answer]] = defaultdict(list)
        self.default: dict[str, Answer] = {}
        self.connections: list[Connection] = []
        self.taken: list[Taken] = []
        self.port = 0
        self.news = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def lines(self) -> list[bytes]:
        """Every line heard, connection after connection."""
        return [line for connection in self.connections for line in connection.lines]

    def heard(self, verb: bytes) -> list[bytes]:
        """The lines that begin with `verb`."""
        return [line for line in self.lines if line.upper().startswith(verb)]

    async def until_taken(self, count: int = 1, seconds: float = 30.0) -> list[Taken]:
        """The messages, once there are `count` that were answered. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while len(self.taken) < count:
                self.news.clear()
                await self.news.wait()
        return self.taken

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=2**26)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        connection = Connection()
        self.connections.append(connection)
        try:
            await _Dialogue(self, connection, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, _Over, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            connection.closed.set()
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()


class _Over(Exception):
    pass


class _Dialogue:
    def __init__(
        self, hop: NextHop, connection: Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.hop, self.connection, self.reader, self.writer = hop, connection, reader, writer
        self.mail = b""
        self.rcpts: list[bytes] = []
        self.buffer = b""

    async def run(self) -> None:
        await self.answer("greeting", b"220 hop.example ESMTP\r\n")
        while True:
            line = await self.line()
            await self.obey(line.split(b" ")[0].upper().decode("ascii", "replace"), line)

    async def line(self) -> bytes:
        while b"\r\n" not in self.buffer:
            await self.more()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        self.connection.lines.append(line)
        return line

    async def more(self) -> None:
        packet = await self.reader.read(2**20)
        if not packet:
            raise _Over
        self.connection.packets.append(packet)
        self.buffer += packet

    async def answer(self, verb: str, agreed: bytes) -> bytes:
        """The answer given."""
        queue = self.hop.answers[verb]
        answer = queue.pop(0) if queue else self.hop.default.get(verb, agreed)
        if answer == STALL:
            await asyncio.sleep(3600)
        if answer == ABORT:
            self.writer.transport.abort()
            raise _Over
        if isinstance(answer, str):
            raise _Over
        self.writer.write(answer)
        await self.writer.drain()
        if answer.startswith(b"421"):
            raise _Over
        return answer

    async def obey(self, verb: str, line: bytes) -> None:
        if verb == "EHLO":
            offers = list(self.hop.offers)
            if self.hop.tls is not None and not self.connection.secure:
                offers.append("STARTTLS")
            lines = ["hop.example", *offers]
            wire = "".join(f"250{'-' if n < len(lines) - 1 else ' '}{text}\r\n" for n, text in enumerate(lines))
            await self.answer("EHLO", wire.encode())
        elif verb == "STARTTLS":
            await self.starttls()
        elif verb == "MAIL":
            if (await self.answer("MAIL", b"250 2.1.0 Ok\r\n")).startswith(b"2"):
                self.mail, self.rcpts = line, []
        elif verb == "RCPT":
            agreed = b"250 2.1.5 Ok\r\n" if self.mail else b"503 5.5.1 Send MAIL first\r\n"
            if (await self.answer("RCPT", agreed)).startswith(b"2"):
                self.rcpts.append(line)
        elif verb == "DATA":
            if (await self.answer("DATA", b"354 Go\r\n")).startswith(b"354"):
                await self.body()
        elif verb == "AUTH":
            await self.auth()
        elif verb == "QUIT":
            await self.answer("QUIT", b"221 2.0.0 Bye\r\n")
            raise _Over
        elif verb in ("RSET", "NOOP", "XFORWARD", "HELO"):
            await self.answer(verb, b"250 2.0.0 Ok\r\n")
            if verb == "RSET":
                self.mail, self.rcpts = b"", []
        else:
            await self.answer(verb, b"500 5.5.1 What?\r\n")

    async def body(self) -> None:
        if self.hop.answers["body"]:
            await self.answer("body", b"")
        while not (self.buffer.startswith(b".\r\n") or b"\r\n.\r\n" in self.buffer):
            await self.more()
        if self.buffer.startswith(b".\r\n"):
            raw, self.buffer = b"", self.buffer[3:]
        else:
            raw, _, self.buffer = self.buffer.partition(b"\r\n.\r\n")
            raw += b"\r\n"
        data = raw.replace(b"\r\n.", b"\r\n")
        taken = Taken(self.mail, self.rcpts, data[1:] if data.startswith(b".") else data)
        self.hop.taken.append(taken)
        said = await self.answer("message", b"250 2.0.0 Ok: queued\r\n")
        taken.answered = said.startswith(b"2")
        self.hop.news.set()
        self.mail, self.rcpts = b"", []

    async def auth(self) -> None:
        said = await self.answer("AUTH", b"235 2.7.0 Welcome\r\n")
        while said.startswith(b"334"):
            await self.line()
            said = await self.answer("line", b"235 2.7.0 Welcome\r\n")

    async def starttls(self) -> None:
        if not (await self.answer("STARTTLS", b"220 2.0.0 Go\r\n")).startswith(b"220"):
            return
        assert self.hop.tls is not None
        try:
            await self.writer.start_tls(self.hop.tls)
        except (ssl.SSLError, OSError) as error:
            raise _Over from error
        self.connection.secure = True
        self.buffer = b""

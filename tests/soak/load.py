"""Clients that send at a steady rate over kept and new connections. Law: a mail is sent once, whatever the answer."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import ssl
from collections.abc import Callable

from tests.soak import mails
from tests.soak.ledger import Ledger

PATIENCE = 120.0
TOKEN = re.compile(r"\[confirm [A-Z0-9]+\] ?")
CASE = re.compile(r"case (\d{4}-\d+)")
PAUSE = 0.05


class Refused(Exception):
    """The gateway does not take a connection now."""


class Load:
    """`sessions` clients share one queue. `rate` is mails a second; None sends as fast as answers come."""

    def __init__(self, ports: Callable[[], int], ledger: Ledger, clock: Callable[[], float], seed: int = 1) -> None:
        self.ports, self.ledger, self.clock = ports, ledger, clock
        self.rng = random.Random(seed)
        self.held: list[str] = []
        self.unoffered = 0
        self.failed_connections = 0
        self.tls: ssl.SSLContext | None = None
        self._queue: asyncio.Queue[None] = asyncio.Queue(maxsize=2000)

    async def run(self, rate: float | None, seconds: float, sessions: int, stop: asyncio.Event | None = None) -> int:
        """Send for a while, or until `stop`; how many were sent. Mails under way at the end are waited for."""
        before, end = len(self.ledger.kind), self.clock() + seconds
        clients = [asyncio.create_task(self._client(end if rate is None else None)) for _ in range(sessions)]
        if rate is not None:
            await self._pace(rate, end, stop or asyncio.Event())
            await self._queue.join()
            for client in clients:
                client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        return len(self.ledger.kind) - before

    async def _pace(self, rate: float, end: float, stop: asyncio.Event) -> None:
        start, given = self.clock(), 0
        while (now := self.clock()) < end and not stop.is_set():
            for _ in range(int((now - start) * rate) - given):
                given += 1
                try:
                    self._queue.put_nowait(None)
                except asyncio.QueueFull:
                    self.unoffered += 1
            await asyncio.sleep(0.005)

    async def _client(self, end: float | None) -> None:
        while end is None or self.clock() < end:
            try:
                await self._session(end)
            except (OSError, EOFError, Refused, TimeoutError, ValueError):
                self.failed_connections += 1
                await asyncio.sleep(PAUSE)

    async def _session(self, end: float | None) -> None:
        session = await Session.open(self.ports(), self.tls if self.rng.random() < 0.05 else None)
        try:
            for _ in range(self.rng.choice((1, 5, 50))):
                if end is None:
                    await self._queue.get()
                elif self.clock() >= end:
                    break
                try:
                    await self._one(session)
                finally:
                    if end is None:
                        self._queue.task_done()
            await session.quit()
        finally:
            session.writer.close()

    async def _one(self, session: Session) -> None:
        kind = mails.pick(self.rng)
        number = self.ledger.open(kind, self.clock())
        sample, code = mails.make(kind, number), 0
        try:
            code, text = await session.send(sample)
            if code == 250 and (found := CASE.search(text)):
                self.held.append(found[1])
            if code == 550 and (token := TOKEN.search(text)):
                code = 0
                code, text = await session.send(sample, token[0].strip() + " ")
        finally:
            self.ledger.answered(number, code, self.clock())


class Session:
    """One connection, its greeting heard and EHLO said."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int, tls: ssl.SSLContext | None = None) -> Session:
        """Raises OSError, EOFError, Refused."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        session = cls(reader, writer)
        try:
            code, _ = await session.hear()
            if code != 220:
                raise Refused
            await session.say("EHLO client.example")
            if tls:
                await session.say("STARTTLS")
                await writer.start_tls(tls, server_hostname="gate.example")
                await session.say("EHLO client.example")
        except BaseException:
            writer.close()
            raise
        return session

    async def say(self, line: str) -> None:
        self.writer.write(f"{line}\r\n".encode())
        code, _ = await self.hear()
        if code // 100 != 2:
            raise Refused

    async def hear(self) -> tuple[int, str]:
        """One reply. Raises EOFError where the connection ends first."""
        lines = []
        async with asyncio.timeout(PATIENCE):
            while True:
                line = await self.reader.readline()
                if not line:
                    raise EOFError
                lines.append(line.decode("utf-8", "replace"))
                if line[3:4] != b"-":
                    return int(line[:3]), "".join(lines)

    async def send(self, sample: mails.Sample, token: str = "") -> tuple[int, str]:
        """The reply to the dot, or the first refusal."""
        lines = [f"MAIL FROM:<{sample.sender}>", *(f"RCPT TO:<{item}>" for item in sample.recipients)]
        self.writer.write("".join(f"{line}\r\n" for line in (*lines, "DATA")).encode())
        replies = [await self.hear() for _ in range(len(lines) + 1)]
        bad = next((reply for reply in replies if reply[0] >= 400), None)
        if bad and replies[-1][0] != 354:
            with contextlib.suppress(Refused, EOFError, OSError):
                await self.say("RSET")
            return bad
        self.writer.write(b".\r\n" if bad else sample.data(token) + b"\r\n.\r\n")
        await self.writer.drain()
        return await self.hear()

    async def quit(self) -> None:
        self.writer.write(b"QUIT\r\n")

"""An SMTP client made of bytes: it sends what it is told and hears whole replies. Law: it helps nobody's grammar."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Self


class Client:
    """`async with Client(port) as client`: `await client.say("NOOP")` gives the reply as text, CRLFs as newlines."""

    def __init__(self, port: int, patience: float = 10.0) -> None:
        self.port, self.patience = port, patience
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await self.writer.wait_closed()

    async def hear(self) -> str:
        """One reply; "" when the connection was closed instead."""
        lines: list[str] = []
        async with asyncio.timeout(self.patience):
            while True:
                try:
                    line = (await self.reader.readline()).decode("utf-8", "surrogateescape")
                except ConnectionError:
                    return ""
                if not line:
                    return ""
                assert line.endswith("\r\n"), f"a reply line without CRLF: {line!r}"
                lines.append(line[:-2])
                if line[3:4] != "-":
                    return "\n".join(lines)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def say(self, line: str | bytes) -> str:
        """Send a line (or lines, with CRLF) and hear one reply."""
        data = line.encode() if isinstance(line, str) else line
        await self.send(data if data.endswith(b"\r\n") else data + b"\r\n")
        return await self.hear()

    async def hello(self, verb: str = "EHLO") -> str:
        """The greeting, then EHLO; gives EHLO's reply."""
        assert (await self.hear()).startswith("220 ")
        return await self.say(f"{verb} client.example")

    async def begin(self, *rcpts: str, sender: str = "cllr@council.example") -> None:
        """MAIL, RCPTs and DATA, all of which must be taken."""
        assert (await self.say(f"MAIL FROM:<{sender}>")).startswith("250")
        for rcpt in rcpts or ("resident@example.net",):
            assert (await self.say(f"RCPT TO:<{rcpt}>")).startswith("250")
        assert (await self.say("DATA")).startswith("354")

    async def mail(self, body: bytes = b"Subject: hello\r\n\r\nhello\r\n", *rcpts: str) -> str:
        """A whole mail (`body` is sent as it is, with the final dot after it); the final reply."""
        await self.begin(*rcpts)
        await self.send(body + b".\r\n")
        return await self.hear()

    async def rest(self) -> str:
        """All that comes until the connection is closed."""
        async with asyncio.timeout(self.patience):
            try:
                return (await self.reader.read(-1)).decode("utf-8", "surrogateescape").replace("\r\n", "\n")
            except ConnectionError:
                return ""

    async def start_tls(self, context: ssl.SSLContext, name: str = "gate.example") -> None:
        """The handshake, after STARTTLS was answered."""
        await self.writer.start_tls(context, server_hostname=name)

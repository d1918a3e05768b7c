"""HTTP for machines: figures and health. Law: a slow or hostile client costs one small task and nothing else.

GET and HEAD of a few fixed paths, one request a connection, every request within SECONDS, at most CLIENTS at once.
It serves no file and reads no body.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

SECONDS = 10.0
CLIENTS = 128
HEAD = 16 * 1024


@dataclass(frozen=True)
class Page:
    """An answer. `kind` is its Content-Type."""

    status: HTTPStatus
    body: bytes
    kind: str = "text/plain; charset=utf-8"

    @classmethod
    def json(cls, status: HTTPStatus, value: object) -> Page:
        """One JSON object and a line end."""
        return cls(status, json.dumps(value).encode() + b"\n", "application/json")


Pages = Mapping[str, Callable[[], Awaitable[Page]]]

_NOT_FOUND = Page(HTTPStatus.NOT_FOUND, b"not found\n")
_NOT_ALLOWED = Page(HTTPStatus.METHOD_NOT_ALLOWED, b"GET or HEAD\n")
_BAD = Page(HTTPStatus.BAD_REQUEST, b"bad request\n")
_FAILED = Page(HTTPStatus.INTERNAL_SERVER_ERROR, b"failed\n")


class Web:
    """The server; `pages` by path."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._clients: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, sock: socket.socket) -> None:
        """Serve on a bound socket."""
        self._server = await asyncio.start_server(self._client, sock=sock, limit=HEAD)

    async def stop(self) -> None:
        """Close the port and all clients."""
        if self._server:
            self._server.close()
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        if len(self._clients) >= CLIENTS:
            writer.transport.abort()
            return
        self._clients.add(task)
        try:
            async with asyncio.timeout(SECONDS):
                await self._answer(reader, writer)
        except (TimeoutError, OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._clients.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, version = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            method, page = "GET", _BAD
        else:
            page = await self._page(method, target.partition("?")[0]) if version.startswith("HTTP/1.") else _BAD
        lines = (
            f"HTTP/1.1 {page.status.value} {page.status.phrase}",
            f"Content-Type: {page.kind}",
            f"Content-Length: {len(page.body)}",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            "Connection: close",
            "\r\n",
        )
        writer.write("\r\n".join(lines).encode() + (b"" if method == "HEAD" else page.body))
        await writer.drain()

    async def _page(self, method: str, path: str) -> Page:
        make = self._pages.get(path)
        if make is None:
            return _NOT_FOUND
        if method not in ("GET", "HEAD"):
            return _NOT_ALLOWED
        try:
            return await make()
        except Exception:  # a page that fails must not end the server, and its reason may hold an address
            return _FAILED

"""The control channel between the supervisor and a worker: JSON lines on a socket pair. Law: its end ends the worker.

Each message is one object. The supervisor says `{"do": "start" | "metrics" | "reload" | "drain"}`, the first and the
third with the checked configuration; a worker answers `{"is": "ready" | "failed" | "metrics" | "reloaded", ...}`.
Nothing of a mail crosses it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import pickle
import socket
from collections.abc import AsyncIterator
from typing import Any

LIMIT = 256 * 1024 * 1024
"""Bytes of the longest message: a configuration with a large council's word lists and members."""

Word = dict[str, Any]


def pack(config: object) -> str:
    """A configuration for the other end. Its values are plain frozen objects."""
    return base64.b85encode(pickle.dumps(config)).decode()


def unpack(text: str) -> Any:
    """The other end's configuration. Both ends are one program's, joined by an inherited descriptor."""
    return pickle.loads(base64.b85decode(text))  # noqa: S301


class Channel:
    """One end, in asyncio."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def over(cls, sock: socket.socket) -> Channel:
        """The channel over a connected stream socket, which it then owns."""
        sock.setblocking(False)
        return cls(*await asyncio.open_connection(sock=sock, limit=LIMIT))

    def say(self, word: Word) -> None:
        """Queue one message; said to an end that is gone, it is dropped (reading tells of the end)."""
        if not self._writer.is_closing():
            self._writer.write(json.dumps(word, separators=(",", ":")).encode() + b"\n")

    async def said(self) -> None:
        """Wait until what was queued is with the kernel."""
        try:
            await self._writer.drain()
        except ConnectionError:
            return

    async def words(self) -> AsyncIterator[Word]:
        """Messages until the other end closes or dies."""
        while True:
            try:
                line = await self._reader.readline()
            except (ConnectionError, ValueError):
                return
            if not line.endswith(b"\n"):
                return
            yield json.loads(line)

    def close(self) -> None:
        """Close this end."""
        self._writer.close()

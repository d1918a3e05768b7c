"""HTTP: what it answers to odd requests, and that slow clients take nothing from others."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from http import HTTPStatus

import pytest

from mailguard.daemon import web
from mailguard.daemon.web import Page, Web


async def hello() -> Page:
    return Page(HTTPStatus.OK, b"hello\n")


async def broken() -> Page:
    raise ValueError("secret@example.org")


@pytest.fixture
async def port() -> AsyncIterator[int]:
    server = Web({"/hello": hello, "/broken": broken})
    sock = socket.create_server(("127.0.0.1", 0))
    await server.start(sock)
    yield sock.getsockname()[1]
    await server.stop()


async def ask(port: int, request: bytes) -> tuple[bytes, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return head, body


async def ended(reader: asyncio.StreamReader) -> bool:
    """True where the server closed or reset the connection without a word."""
    try:
        return await reader.read() == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    ("request_line", "status", "body"),
    [
        ("GET /hello HTTP/1.1", "200 OK", b"hello\n"),
        ("GET /hello?x=1 HTTP/1.0", "200 OK", b"hello\n"),
        ("HEAD /hello HTTP/1.1", "200 OK", b""),
        ("GET /other HTTP/1.1", "404 Not Found", b"not found\n"),
        ("POST /hello HTTP/1.1", "405 Method Not Allowed", b"GET or HEAD\n"),
        ("GET /hello SMTP/1.1", "400 Bad Request", b"bad request\n"),
        ("EHLO client.example", "400 Bad Request", b"bad request\n"),
        ("GET /h\u00e9llo HTTP/1.1", "400 Bad Request", b"bad request\n"),
        ("GET /broken HTTP/1.1", "500 Internal Server Error", b"failed\n"),
    ],
)
async def test_answers(port: int, request_line: str, status: str, body: bytes) -> None:
    head, got = await ask(port, f"{request_line}\r\nHost: x\r\n\r\n".encode("latin-1"))
    assert head.startswith(f"HTTP/1.1 {status}\r\n".encode())
    assert b"\r\nConnection: close" in head
    assert got == body


async def test_a_head_without_end_is_refused_at_its_limit(port: int) -> None:
    head, _ = await ask(port, b"GET /hello HTTP/1.1\r\nX: " + b"x" * 2 * web.HEAD)
    assert head.startswith(b"HTTP/1.1 400")


async def test_silent_clients_hold_nobody_up(port: int) -> None:
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
    head, _ = await ask(port, b"GET /hello HTTP/1.1\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    for _, writer in silent:
        writer.close()
        await writer.wait_closed()


async def test_a_silent_client_is_closed_in_time(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "SECONDS", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await ended(reader)
    writer.close()


async def test_no_more_than_the_limit_at_once(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "CLIENTS", 1)
    _, first = await asyncio.open_connection("127.0.0.1", port)
    reader, second = await asyncio.open_connection("127.0.0.1", port)
    assert await ended(reader)
    for writer in (first, second):
        writer.close()


def test_json_is_one_line() -> None:
    page = Page.json(HTTPStatus.SERVICE_UNAVAILABLE, {"ready": False})
    assert page.body.endswith(b"}\n")
    assert json.loads(page.body) == {"ready": False}

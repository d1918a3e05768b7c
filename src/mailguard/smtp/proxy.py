"""The PROXY protocol's header, versions 1 and 2, as a balancer sends it before the client's bytes.

Law: it is read from configured balancers only, and from these it is required. Read by aiosmtpd's own parser, from a
header that is known to be whole. Source: HAProxy's proxy-protocol.txt.
"""

from __future__ import annotations

from aiosmtpd.proxy_protocol import V2_CMD, V2_SIGNATURE, get_proxy

_V1_LIMIT = 107
_V2_LIMIT = 16 + 2048


class ProxyHeader:
    """Feed it until it gives bytes back; then `source` is the client, None where the balancer speaks for itself."""

    def __init__(self) -> None:
        self._buffer = b""
        self.source: tuple[str, int] | None = None

    def feed(self, data: bytes) -> bytes | None:
        """What follows the header, or None while it is not whole. Raises ValueError when it is no header."""
        self._buffer += data
        length = self._length()
        if length is None:
            return None
        header, rest = self._buffer[:length], self._buffer[length:]
        reading = get_proxy(_Whole(header))
        try:
            reading.send(None)
        except StopIteration as done:
            found = done.value
        else:
            reading.close()
            raise ValueError("not a PROXY header")
        if not found.valid:
            raise ValueError("not a PROXY header")
        if found.src_addr is not None and found.command != V2_CMD.LOCAL and not isinstance(found.src_addr, bytes):
            self.source = (str(found.src_addr), int(found.src_port or 0))
        return rest

    def _length(self) -> int | None:
        """The whole header's bytes, None while they are not known."""
        if b"PROXY ".startswith(self._buffer[:6]) and self._buffer:
            end = self._buffer.find(b"\r\n", 0, _V1_LIMIT)
            if end >= 0:
                return end + 2
            if len(self._buffer) >= _V1_LIMIT:
                raise ValueError("no end of the PROXY line")
            return None
        if not bytes(V2_SIGNATURE).startswith(self._buffer[:12]):
            raise ValueError("not a PROXY header")
        if len(self._buffer) < 16:
            return None
        length = 16 + int.from_bytes(self._buffer[14:16], "big")
        if length > _V2_LIMIT:
            raise ValueError("PROXY header too long")
        return length if len(self._buffer) >= length else None


class _Whole:
    """The whole header as the stream that aiosmtpd's parser reads: it never has to wait."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def read(self, n: int = -1) -> bytes:
        taken, self._data = self._data[:n], self._data[n:]
        return taken

    async def readexactly(self, n: int) -> bytes:
        return await self.read(n)

    async def readuntil(self, separator: bytes = b"\n") -> bytes:
        return await self.read(self._data.find(separator) + len(separator))

"""The replies mailguard makes itself, and the reader of a hop's.

Law: ours carry enhanced codes and tell no inner detail; what is no reply is an error, never passed on.
Codes: RFC 5321 (4.2), RFC 3463.
"""

from __future__ import annotations

import re

from mailguard.mail.errors import HopError
from mailguard.mail.reply import Reply

LINE_LIMIT = 4096
_SINGLE = re.compile(rb"([2-5]\d\d) ([^\r\n\0]{0,2000})\r\n")
SIZE_LIMIT = 128 * 1024

OK = Reply.of(250, "2.0.0", "Ok")
CANNOT_VRFY = Reply.of(252, "2.1.5", "Cannot VRFY, but will take mail and attempt delivery")
HELP = Reply.of(214, "2.0.0", "See RFC 5321")
BYE = Reply.of(221, "2.0.0", "Bye")
GO_AHEAD = Reply(354, (b"End data with <CR><LF>.<CR><LF>",))
TLS_GO_AHEAD = Reply.of(220, "2.0.0", "Ready to start TLS")

HOP_DOWN = Reply.of(451, "4.4.1", "The next mail server does not answer, try again later")
HOP_LOST = Reply.of(451, "4.4.2", "The connection to the next mail server was lost, try again later")
FAULT = Reply.of(451, "4.3.0", "Local fault, try again later")

BARE = Reply.of(550, "5.6.0", "Message contains a bare CR, a bare LF or a NUL")
TOO_BIG = Reply.of(552, "5.3.4", "Message too big")
NO_ROOM = Reply.of(452, "4.3.1", "No room for the message, try again later")
TOO_MANY_RECIPIENTS = Reply.of(452, "4.5.3", "Too many recipients")
NO_RECIPIENTS = Reply.of(554, "5.5.1", "No valid recipients")

HELLO_FIRST = Reply.of(503, "5.5.1", "Send EHLO first")
MAIL_FIRST = Reply.of(503, "5.5.1", "Send MAIL first")
NESTED_MAIL = Reply.of(503, "5.5.1", "Nested MAIL command")
TLS_FIRST = Reply.of(530, "5.7.0", "Must issue a STARTTLS command first")
NO_ARGUMENT = Reply.of(501, "5.5.4", "This command takes no argument")
UNKNOWN_COMMAND = Reply.of(500, "5.5.1", "Command not recognized")
NOT_SMTP = Reply.of(500, "5.5.1", "This is SMTP")
BAD_LINE = Reply.of(500, "5.5.2", "Bad characters in command")
BAD_LINE_END = Reply.of(500, "5.5.2", "Lines end in CRLF")
LINE_TOO_LONG = Reply.of(500, "5.5.2", "Command line too long")

TOO_MANY_ERRORS = Reply.of(421, "4.7.0", "Too many errors")
TOO_MANY_CONNECTIONS = Reply.of(421, "4.3.2", "Too many connections, try again later")
TOO_MANY_FROM_CLIENT = Reply.of(421, "4.7.0", "Too many connections from this client")
IDLE = Reply.of(421, "4.4.2", "Waited too long")
SHUTTING_DOWN = Reply.of(421, "4.3.2", "Service is shutting down, try again later")


class ReplyReader:
    """Reads a hop's replies out of a stream of bytes (RFC 5321, 4.2.1). Raises HopError on what is no reply."""

    __slots__ = ("_buffer", "_code", "_lines", "_size")

    def __init__(self) -> None:
        self._buffer = b""
        self._lines: list[bytes] = []
        self._code = b""
        self._size = 0

    @property
    def empty(self) -> bool:
        """True when no reply is half read."""
        return not self._buffer and not self._lines

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that `data` completes."""
        if self._buffer:
            data = self._buffer + data
        elif not self._lines and (single := _SINGLE.fullmatch(data)):
            return [Reply(int(single[1]), (single[2],))]
        lines = data.split(b"\r\n")
        self._buffer = lines.pop()
        if len(self._buffer) > LINE_LIMIT:
            raise HopError("a reply line without end")
        return [reply for line in lines if (reply := self._line(line)) is not None]

    def _line(self, line: bytes) -> Reply | None:
        code, mark = line[:3], line[3:4]
        # A stray CR, LF or NUL in a reply would let a hop forge replies to the client.
        if (
            len(code) < 3
            or not (code.isdigit() and b"2" <= code < b"6")
            or mark not in (b" ", b"-", b"")
            or len(line) > LINE_LIMIT
        ):
            raise HopError("not an SMTP reply")
        if b"\r" in line or b"\n" in line or b"\0" in line or (self._lines and code != self._code):
            raise HopError("not an SMTP reply")
        if mark == b"-" or self._lines:
            self._lines.append(line[4:])
            self._code = code
            self._size += len(line)
            if self._size > SIZE_LIMIT:
                raise HopError("a reply without end")
            if mark == b"-":
                return None
            lines, self._lines, self._size = tuple(self._lines), [], 0
            return Reply(int(code), lines)
        return Reply(int(code), (line[4:],))

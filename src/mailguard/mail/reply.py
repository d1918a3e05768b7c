"""An SMTP reply, ours or a hop's. Law: a hop's reply is kept byte for byte (RFC 5321, 4.2)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """What a client may hear: `code` and the text after it, line by line (no code, no CRLF)."""

    code: int
    lines: tuple[bytes, ...]

    @classmethod
    def of(cls, code: int, enhanced: str, text: str) -> Reply:
        """One line of our own: `550`, `5.7.1`, `Not sent`. `text` must be ASCII (RFC 5321, 4.2)."""
        return cls(code, (f"{enhanced} {text}".strip().encode("ascii"),))

    @property
    def positive(self) -> bool:
        """True for 2yz."""
        return 200 <= self.code < 300

    @property
    def permanent(self) -> bool:
        """True for 5yz: trying again will not help (RFC 5321, 4.2.1)."""
        return 500 <= self.code < 600

    @property
    def wire(self) -> bytes:
        """The reply as sent, multi-line form included, with CRLF at each line's end."""
        if len(self.lines) == 1:
            return b"%d %b\r\n" % (self.code, self.lines[0])
        last = len(self.lines) - 1
        return b"".join(
            b"%d%s%s\r\n" % (self.code, b" " if i == last else b"-", line) for i, line in enumerate(self.lines)
        )

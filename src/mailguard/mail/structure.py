"""A message's MIME structure as values. Law: nothing is decoded before it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from mailguard.mail.contents import Headers
from mailguard.mail.transfer import FOUL, decode, decoded_size, foul_base64, unbase64

# Kinds read in the mail's own process; every other leaf is a document for the reader processes.
TEXT_TYPES = frozenset({"text/plain", "text/html", "message/rfc822", "message/global", "message/news"})
DOCUMENT_TEXTS = frozenset(
    {
        "text/calendar",
        "text/csv",
        "text/comma-separated-values",
        "text/directory",
        "text/rtf",
        "text/tab-separated-values",
        "text/vcard",
        "text/x-vcalendar",
        "text/x-vcard",
        "text/xml",
    }
)
MESSAGE_TYPES = frozenset({"message/rfc822", "message/global", "message/news"})
PGP_TYPES = frozenset({"application/pgp-encrypted", "application/pgp-signature"})
# Read as text though not text/*: fields of a bounce, and what PGP/MIME signs with.
OTHER_TEXTS = frozenset(
    {
        "message/delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "message/global-delivery-status",
        "text",
        "plain",
        "html",
        "",
    }
)


class Leaf(NamedTuple):
    """One leaf of the tree, or one more way to read a part of it (`extra`).

    `path` as in IMAP ("1.2"); `declared` type in lower case; `encoding` the transfer encoding; `container` the
    type of the multipart around it; `alternative` the path of the multipart/alternative around it, or "-";
    `attached` the path of the attached message it is in, "" at the top; `where` words for an extra reading.
    """

    path: str
    name: str
    declared: str
    charset: str
    disposition: str
    content_id: str
    encoding: str
    container: str
    alternative: str
    attached: str
    where: str
    buffer: bytes
    start: int
    end: int

    def __repr__(self) -> str:
        return f"Leaf({self.path!r}, {self.declared!r}, {self.end - self.start} bytes)"

    @property
    def top(self) -> bool:
        """True where the leaf is not inside an attached message."""
        return not self.attached

    @property
    def extra(self) -> bool:
        """True for a further reading of bytes that another leaf holds too."""
        return bool(self.where)

    @property
    def attachment(self) -> bool:
        """True where a client shows a file rather than text."""
        return self.disposition == "attachment" or bool(self.name)

    @property
    def textual(self) -> bool:
        """True where the leaf is read in this process as text a client shows."""
        kind = self.declared
        if self.extra:
            return True
        if kind in PGP_TYPES:
            return True
        if self.attachment or kind in DOCUMENT_TEXTS:
            return False
        return kind in TEXT_TYPES or kind.startswith("text/") or kind in OTHER_TEXTS

    @property
    def raw(self) -> bytes:
        """The bytes as sent, before transfer decoding."""
        return self.buffer[self.start : self.end]

    @property
    def size(self) -> int:
        """Decoded bytes, by arithmetic where the encoding is base64."""
        return decoded_size(self.buffer, self.start, self.end, self.encoding)

    @property
    def foul(self) -> bool:
        """True where it claims base64 and holds words that base64 cannot."""
        return self.encoding == "base64" and foul_base64(self.buffer[self.start : min(self.end, self.start + FOUL)])

    def data(self) -> bytes:
        """The decoded bytes; broken encodings are read as far as they go. Not cached: it may be large."""
        if self.encoding == "base64":
            return unbase64(memoryview(self.buffer)[self.start : self.end])
        return decode(self.raw, self.encoding)


@dataclass(frozen=True)
class Structure:
    """What `mime.parse` made of a message. `defects` are reasons to call it malformed, each once.

    `notes`: (path, words for the place, text) of what stands in headers of parts and of attached messages.
    `partial`: a message/partial is in it; `external`: paths of message/external-body parts.
    """

    headers: Headers
    leaves: tuple[Leaf, ...]
    extras: tuple[Leaf, ...] = ()
    defects: tuple[str, ...] = ()
    partial: bool = False
    external: tuple[str, ...] = ()
    subjects: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str, str], ...] = ()

    @property
    def texts(self) -> tuple[Leaf, ...]:
        """Leaves read in this process, in order, then the further readings."""
        return (*(leaf for leaf in self.leaves if leaf.textual), *self.extras)

    @property
    def documents(self) -> tuple[Leaf, ...]:
        """Leaves for the reader processes: attachments and every kind that is not plain text or HTML."""
        return tuple(leaf for leaf in self.leaves if not leaf.textual)

"""The walk over a message's parts. Law: every byte of a body is in a leaf, in an extra reading, or named by a defect.

Sources: RFC 2045 and 2046 (5.1: multipart), RFC 5322 (2.2), and what mail clients do beside them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mailguard.mail.contents import Headers
from mailguard.mail.fields import Field, file_name, structured
from mailguard.mail.headers import addresses, decode_words, decoded, raw_fields
from mailguard.mail.message import HEAD_LIMIT
from mailguard.mail.structure import MESSAGE_TYPES, Leaf
from mailguard.mail.transfer import PLAIN, decode

DEPTH = 40
PARTS = 1000
ENTITIES = 4 * PARTS
"""Parts, multiparts and messages: a message without a body is no leaf, but takes its time."""
READINGS = 12

_BLANKS = re.compile(rb"\r\n[ \t]+\r\n")
_DELIMITER_LIKE = re.compile(rb"(?<=\n)--([^\s\"<>]{1,200})\r\n(?=Content-|\r\n)", re.IGNORECASE)
# Whole preambles that say nothing; any other is text that some client shows.
_USUAL = re.compile(
    rb"\s*(?:-*\s*)?This is an? (?:multi-?part|cryptographically signed|MIME-formatted|MIME-encapsulated|"
    rb"S/MIME (?:signed|encrypted)|OpenPGP/MIME (?:signed|encrypted))[- ]message"
    rb"(?: in MIME format| \(RFC 4880 and 3156\))?\.*(?:\s*If you see this text it means that your E-mail software "
    rb"does not support MIME-formatted messages\.)?\s*\Z",
    re.IGNORECASE,
)
_LETTER = re.compile(rb"[A-Za-z\x80-\xff]{2}")
# Fields of an attached message that a person reads, or can dig out; those that servers and programs write for one
# another; and of all others those whose value has words.
_SHOWN = frozenset({
    "from", "sender", "to", "cc", "bcc", "reply-to", "date", "comments", "keywords", "organization", "resent-from",
    "resent-to", "resent-cc", "resent-bcc", "thread-topic",
})  # fmt: skip
_TRACE = re.compile(
    r"received|return-path|delivered-to|envelope-to|delivery-date|(?:x-)?dkim|domainkey|arc-|authentication-results|"
    r"message-id|references|in-reply-to|mime-version|content-|list-|autocrypt|thread-index|subject|user-agent|"
    r"x-(?:ms-|microsoft|google|gm-|spam|virus|forefront|mailer|received|original|originat)"
)
# Two letters stand for a word's end and beginning: to look for whole words takes a long one's length squared.
_PROSE = re.compile(r"[^\W\d_]{2},? [^\W\d_]{2}")
TOO_MANY = "more parts, or deeper ones, than are read"
_NO_FIELD = Field("", {})


class Span(NamedTuple):
    """A stretch of bytes: `data[start:end]`."""

    data: bytes
    start: int
    end: int


class Place(NamedTuple):
    """Where in the tree: the path, the multipart around it, its alternative group, the attached message, the depth."""

    path: str
    container: str
    alternative: str
    attached: str
    depth: int


class Walk:
    """One walk; gathers `leaves`, `extras` and `defects`. Bounded by DEPTH, PARTS, ENTITIES and READINGS."""

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self.extras: list[Leaf] = []
        self.defects: dict[str, None] = {}
        self.external: list[str] = []
        self.subjects: list[tuple[str, str]] = []
        self.notes: list[tuple[str, str, str]] = []
        self.partial = False
        self._entities = self._readings = 0
        self._where = ""

    def message(self, data: bytes, path: str = "", attached: str = "", depth: int = 0) -> Headers:
        """Read a whole message (CRLF lines); gives its decoded header fields."""
        place = Place(path, "", "-", attached, depth)
        fields = self._entity(Span(data, 0, len(data)), place, message=True)
        return decoded(fields)

    def _entity(
        self, span: Span, place: Place, message: bool = False, default: str = "text/plain"
    ) -> list[tuple[str, str]]:
        """Read one entity, header and body; gives its fields, undecoded."""
        self._entities += 1
        fields, body = self._header(span, place, message)
        kinds: list[str] = []
        encodings: list[str] = []
        disposition = content_id = ""
        for name, value in fields:
            if name == "content-type":
                kinds.append(value)
            elif name == "content-transfer-encoding":
                encodings.append("".join(value.partition(";")[0].split()).lower())
            elif name == "content-disposition" and not disposition:
                disposition = value
            elif name == "content-id":
                content_id = value.strip("<> ")
            elif name == "content-description" and value:
                self.notes.append((place.path, "the description of a part", decode_words(value)))
        if message:
            self._envelope(fields, place.attached)
        kind = structured(kinds[0]) if kinds else _NO_FIELD
        placed = structured(disposition) if disposition else _NO_FIELD
        leaf = Leaf(
            path=_leaf_path(place.path, kind.value or default) if message else place.path,
            name=file_name(kind, placed),
            declared=kind.value or default,
            charset=kind.parameters.get("charset", ""),
            disposition=placed.value,
            content_id=content_id,
            encoding=encodings[0] if encodings else "",
            container=place.container,
            alternative=place.alternative,
            attached=place.attached,
            where=self._where,
            buffer=span.data,
            start=body,
            end=span.end,
        )
        self._body(leaf, kind, place)
        if len(kinds) > 1 or len(encodings) > 1 or kind.conflicts:
            self._conflicts(leaf, kind, place, kinds, encodings)
        return fields

    def _header(self, span: Span, place: Place, message: bool) -> tuple[list[tuple[str, str]], int]:
        """The fields, and the offset of the body."""
        data, start, end = span
        if data.startswith(b"\r\n", start):
            return [], min(start + 2, end)
        blank = data.find(b"\r\n\r\n", start, end)
        stop, body = (blank, blank + 4) if blank >= 0 else (end, end)
        if stop - start > HEAD_LIMIT:
            self.defects["a header of more than 1 MiB"] = None
            self._raw("the end of a long header", place, Span(data, start + HEAD_LIMIT, stop))
            stop = start + HEAD_LIMIT
        head = data[start:stop]
        fields, odd = raw_fields(head)
        nameless = bool(odd) and any(not name for name, _ in fields)
        if nameless and blank < 0 and not message and not any(name for name, _ in fields):
            # No header at all: every parser takes such a part for a body.
            return [], start
        if nameless:
            self.defects["a header line without a field name"] = None
            self._raw("header lines", place, span)
        elif odd:
            self.defects[odd[0]] = None
        # Not by counting each: as many "\r" as "\n" may still stand apart. (And a tenth of what counting costs.)
        if len(head) - len(head.translate(None, b"\r\n")) != 2 * head.count(b"\r\n"):
            self.defects["a bare CR or LF in a header"] = None
        if b"\x00" in head:
            self.defects["a NUL in the header"] = None
        if (b" \r\n" in head or b"\t\r\n" in head) and _BLANKS.search(head):
            # Some end the header there; both readings are kept, so nothing is lost.
            self._raw("text after a blank header line", place, span)
        return fields, body

    def _envelope(self, fields: list[tuple[str, str]], attached: str) -> None:
        """Subjects; and two From fields with different addresses, of which clients show either (RFC 5322, 3.6)."""
        self.subjects += [(attached, decode_words(value)) for name, value in fields if name == "subject" and value]
        if attached:
            # A client shows these above the message, as a forwarded mail has them in its text.
            lines = [f"{name}: {decode_words(value)}" for name, value in fields if shown(name, value)]
            if lines:
                self.notes.append((attached, "header fields", "\n".join(lines)))
        froms = [value for name, value in fields if name == "from"]
        if len(froms) > 1 and len({addresses(value) for value in froms}) > 1:
            self.defects["two different From fields"] = None

    def _body(self, leaf: Leaf, kind: Field, place: Place) -> None:
        if len(self.leaves) >= PARTS or place.depth > DEPTH:
            self.defects[TOO_MANY] = None
            self._raw("parts beyond the limit", place, _span(leaf))
        elif leaf.declared.startswith("multipart/"):
            self._multipart(leaf, kind.parameters.get("boundary", ""), place)
        elif leaf.declared in MESSAGE_TYPES:
            if data := decode(leaf.raw, leaf.encoding):
                self.message(crlf(data), leaf.path, leaf.path, place.depth + 1)
        else:
            if leaf.declared == "message/partial":
                self.partial = True
            elif leaf.declared == "message/external-body":
                self.external.append(leaf.path)
            (self.extras if leaf.where else self.leaves).append(leaf)

    def _multipart(self, leaf: Leaf, boundary: str, place: Place) -> None:
        span = _span(leaf)
        if leaf.encoding not in PLAIN:
            # Forbidden (RFC 2045, 6.4); some clients decode, others do not.
            whole = decode(leaf.raw, leaf.encoding)
            if whole != leaf.raw:
                self.defects["a multipart with a transfer encoding"] = None
                self._raw("the undecoded multipart", place, span)
                whole = crlf(whole)
                span = Span(whole, 0, len(whole))
        mark = b"--" + boundary.rstrip().encode("utf-8", "surrogateescape")
        parts = _delimited(span, mark) if boundary.strip() else _NO_PARTS
        if not parts.spans:
            self._no_parts(leaf, span, boundary, place)
            return
        if parts.first > span.start:
            self._raw("text before the first boundary", place, span._replace(end=parts.first))
        if 0 <= parts.epilogue < span.end:
            self._raw("text after the last boundary", place, span._replace(start=parts.epilogue))
        if parts.resumed:
            self.defects["parts after the closing boundary"] = None
        self._children(leaf, span, parts.spans, place)

    def _children(self, leaf: Leaf, span: Span, spans: list[tuple[int, int]], place: Place) -> None:
        path = place.path
        alternative = (path or "0") if leaf.declared == "multipart/alternative" else place.alternative
        default = "message/rfc822" if leaf.declared == "multipart/digest" else "text/plain"
        for number, (start, end) in enumerate(spans, 1):
            if len(self.leaves) >= PARTS or self._entities >= ENTITIES:
                self.defects[TOO_MANY] = None
                self._raw("parts beyond the limit", place, span._replace(start=start))
                break
            inside = Place(
                f"{path}.{number}" if path else str(number), leaf.declared, alternative, place.attached, place.depth + 1
            )
            self._entity(Span(span.data, start, end), inside, default=default)

    def _no_parts(self, leaf: Leaf, span: Span, boundary: str, place: Place) -> None:
        """Clients show such a body as text, or guess the boundary."""
        if not _LETTER.search(*span):
            return
        self.defects["a multipart whose boundary never occurs" if boundary else "a multipart without a boundary"] = None
        self._raw("the body of a multipart without parts", place, span)
        guess = _DELIMITER_LIKE.search(*span)
        if guess and self._again():
            kept, self._where = self._where, self._where or "parts by a guessed boundary"
            inside = leaf._replace(where=self._where, encoding="", buffer=span.data, start=span.start, end=span.end)
            self._multipart(inside, guess[1].decode("latin-1"), place._replace(depth=place.depth + 1))
            self._where = kept

    def _conflicts(self, leaf: Leaf, kind: Field, place: Place, kinds: list[str], encodings: list[str]) -> None:
        """Read the body once more for each Content-Type, parameter or encoding that another client would take."""
        others = [structured(text) for text in kinds[1:] if structured(text) != kind]
        others += [Field(kind.value, {**kind.parameters, name: value}) for name, value in kind.conflicts]
        codes = set(encodings[1:]) - {leaf.encoding}
        if others:
            self.defects["conflicting Content-Type fields"] = None
        if codes:
            self.defects["conflicting Content-Transfer-Encoding fields"] = None
        kept, deeper = self._where, place._replace(depth=place.depth + 1)
        for other in others:
            if self._again():
                self._where = "read by another Content-Type"
                again = leaf._replace(declared=other.value or "text/plain", where=self._where)
                self._body(again, other, deeper)
        for code in codes:
            if self._again():
                self._where = "read by another transfer encoding"
                self._body(leaf._replace(encoding=code, where=self._where), kind, deeper)
        self._where = kept

    def _again(self) -> bool:
        self._readings += 1
        if self._readings > READINGS:
            self.defects["more ways to read it than are tried"] = None
            return False
        return True

    def _raw(self, where: str, place: Place, span: Span) -> None:
        """Bytes no part holds, as an extra text; nothing where there are no words, or the usual sentence."""
        if not _LETTER.search(*span) or (span.end - span.start < 2000 and _USUAL.match(*span)):
            return
        if len(self.extras) >= PARTS:
            self.defects[TOO_MANY] = None
            return
        path, container, alternative, attached, _ = place
        self.extras.append(
            Leaf(path or "1", "", "text/plain", "", "", "", "", container, alternative, attached, where, *span)
        )


def shown(name: str, value: str) -> bool:
    """True for a field of an attached message that says something to a person."""
    return bool(value) and (name in _SHOWN or not (_TRACE.match(name) or _PROSE.search(value) is None))


def _leaf_path(path: str, kind: str) -> str:
    """As IMAP numbers them (RFC 3501, 6.4.5): the only part of a message is its part 1."""
    if kind.startswith("multipart/"):
        return path or "1"
    return f"{path}.1" if path else "1"


class _Parts(NamedTuple):
    """Spans of the parts; end of the preamble; start of the epilogue (-1: none); whether parts follow the close."""

    spans: list[tuple[int, int]]
    first: int
    epilogue: int
    resumed: bool


_NO_PARTS = _Parts([], -1, -1, False)


def _span(leaf: Leaf) -> Span:
    return Span(leaf.buffer, leaf.start, leaf.end)


def _delimited(span: Span, mark: bytes) -> _Parts:
    """Part a multipart's body at its delimiter lines (RFC 2046, 5.1.1: blanks may follow the boundary)."""
    data, start, end = span
    spans: list[tuple[int, int]] = []
    first = epilogue = begun = -1
    resumed = False
    at = data.find(mark, start, end)
    while at >= 0:
        stop = at + len(mark)
        line_end = data.find(b"\r\n", stop, end)
        line_end = end if line_end < 0 else line_end
        tail = data[stop : min(line_end, stop + 80)].strip(b" \t")
        if (at == start or data.startswith(b"\r\n", at - 2)) and tail in (b"", b"--"):
            following = min(line_end + 2, end)
            if first < 0:
                first = at
            if begun >= 0:
                spans.append((begun, max(begun, at - 2)))
            if not tail:
                resumed = resumed or epilogue >= 0
                begun = following
            else:
                # What stands between two closing lines belongs to the epilogue of the first; some read a part there.
                resumed = resumed or (begun < 0 <= epilogue)
                epilogue = following if epilogue < 0 else epilogue
                begun = -1
        at = data.find(mark, max(stop, line_end), end)
    if begun >= 0:
        spans.append((begun, end))
    # Where parts follow the close, the epilogue is read as text as well, to the very end.
    return _Parts(spans, first, epilogue, resumed)


def crlf(data: bytes) -> bytes:
    """`data` with every bare CR and bare LF made a CRLF, as all clients show it."""
    lines = data.count(b"\n")
    if data.count(b"\r") == lines and data.count(b"\r\n") == lines:
        return data
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")

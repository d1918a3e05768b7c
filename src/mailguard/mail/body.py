"""The texts of a message that are read in its own process. Law: alternatives that differ are all read.

A plain and an HTML form of the same words give one text, of different words give both.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from dataclasses import dataclass, field

from mailguard.mail.contents import Contents, Headers, Hidden, Layer, Part, State, Table, Text
from mailguard.mail.crypto_armour import SIGNATURE, unsealed
from mailguard.mail.fold import fold
from mailguard.mail.headers import charset_text, decode_words
from mailguard.mail.html import LAYER_MARKS, Page, read
from mailguard.mail.structure import Leaf, Structure
from mailguard.mail.text_files import packed_files
from mailguard.mail.texts import FORWARD_SUBJECT, REPLY_SUBJECT, Thread, split
from mailguard.mail.transfer import looks_base64, looks_quoted_printable, unbase64
from mailguard.mail.uuencode import UuFile
from mailguard.mail.words import letters, same, unwrapped

_WORD = re.compile(r"[^\W_]+")
_HTML = re.compile(r"<(?:html|body|div|table|p|br|span)\b", re.IGNORECASE)
_UNMARKED = dict.fromkeys(map(ord, LAYER_MARKS), " ")
HTML_TYPES = frozenset({"text/html", "html", "text/x-amp-html"})
_TAGGED = frozenset({"text/enriched", "text/richtext"})
_BREAK = re.compile(r"<(?:nl|np|paragraph)>", re.IGNORECASE)
_TAG = re.compile(r"(?<!<)</?[A-Za-z][A-Za-z0-9-]{0,60}>")
_CONTROL = re.compile(rb"\s*Version:\s*1\s*", re.IGNORECASE)
# Charsets in which ASCII bytes are ASCII: nothing else can be read from them.
_ASCII_CHARSETS = frozenset({"", "us-ascii", "ascii", "utf-8", "utf8", "latin1", "cp1252"})
_ASCII_FAMILIES = ("iso-8859", "windows-", "koi8", "gb", "big5", "euc", "shift_jis")
# Every template has comments and a title; newsletters hide one short line for the list of mails (the preheader).
# Rules see these texts, but they are not told as something hidden from the reader.
_NOT_TOLD = frozenset({"a comment", "the page's title"})
PREHEADER = 300


@dataclass
class Body:
    """What `text_parts` made of a structure: as `Contents` has them, and files uuencoded in a text."""

    texts: list[Text] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    files: list[tuple[str, UuFile]] = field(default_factory=list)


def text_parts(structure: Structure, layer: Layer | None = None, thread: Thread | None = None) -> Body:
    """Read the texts of a message. `layer`, where given, is that of all of them (mail found inside an archive).

    `thread`: that of the mail around it, where the structure is what that mail signs (S/MIME, not attached).

    Files uuencoded in a text are in `files` with the path of their text; their lines stay in the text too.
    """
    reader = _Reader(thread or thread_of(structure.headers), layer)
    for path, subject in structure.subjects:
        place = f"attached message {path}, subject" if path else "subject"
        shown = layer or (Layer.FORWARDED if path else Layer.SUBJECT)
        reader.body.texts.append(Text(place, shown, subject, part=path))
    for path, label, said in structure.notes:
        inside = label == "header fields"
        place = f"attached message {path}, {label}" if inside else label
        shown = layer or (Layer.FORWARDED if inside else Layer.ATTACHMENT)
        reader.body.texts.append(Text(place, shown, said, part=path))
    for leaf in structure.texts:
        reader.leaf(leaf)
    for leaf in structure.documents:
        reader.mislabelled(leaf)
    for path in structure.external:
        reader.body.parts.append(
            Part(path, "", "message/external-body", "external", 0, State.LOCKED, "its content is kept elsewhere")
        )
    return reader.body


def thread_of(headers: Headers) -> Thread:
    """Whether a mail answers or forwards, by its header."""
    subject = headers.first("subject")
    reply = bool(headers.first("in-reply-to") or headers.first("references") or REPLY_SUBJECT.match(subject))
    return Thread(reply, FORWARD_SUBJECT.match(subject) is not None)


class _Reader:
    """Reads one message's leaves; remembers each alternative's plain words."""

    def __init__(self, thread: Thread, layer: Layer | None) -> None:
        self.body = Body()
        self._thread, self._layer = thread, layer
        self._plain: dict[str, str] = {}

    def leaf(self, leaf: Leaf) -> None:
        """Read one leaf into texts, tables and a part."""
        data = leaf.data()
        # The words beside encrypted messages (a list adds its footer) are read; each message is a part of its own.
        data, blocks = unsealed(data)
        for block in blocks:
            self.body.parts.append(_part(leaf, "pgp", len(block), State.ENCRYPTED, "an OpenPGP message"))
        if blocks and not data.strip():
            return
        if leaf.declared == "application/pgp-encrypted" and _CONTROL.fullmatch(data):
            # The version line of PGP/MIME (RFC 3156, 4) is wrapping, not a part.
            return
        if leaf.declared == "application/pgp-signature" and SIGNATURE.fullmatch(data):
            self.body.parts.append(_part(leaf, "pgp signature", len(data), State.NO_TEXT, ""))
            return
        text = decode_text(data, leaf.charset)
        if any(mark in text for mark in LAYER_MARKS):
            text = text.translate(_UNMARKED)
        where = _where(leaf)
        html = leaf.declared in HTML_TYPES
        if not leaf.extra:
            self.body.parts.append(_part(leaf, "html" if html else "text", len(data), State.READ, ""))
        if html or (leaf.extra and _HTML.search(text[:20_000])):
            self._page(leaf, text, where)
        if not html:
            self._text(leaf, unwrapped(text), where)
        self._other_readings(leaf, data, text, where)

    def mislabelled(self, leaf: Leaf) -> None:
        """A document that claims base64 and is plain text: clients that give up decoding show its bytes."""
        if leaf.foul:
            text = decode_text(leaf.raw, leaf.charset)
            where = f"{leaf.name or 'attachment'}, read without decoding"
            self.body.texts.append(Text(where, self._layer or Layer.ATTACHMENT, text, part=leaf.path))

    def _text(self, leaf: Leaf, text: str, where: str) -> None:
        if leaf.alternative == "-" or leaf.extra:
            self._layers(leaf, text, where)
            return
        if not same(text, self._plain.get(leaf.alternative, "")):
            self._layers(leaf, text, where)
            self._plain[leaf.alternative] = text

    def _page(self, leaf: Leaf, text: str, where: str) -> None:
        plain = "" if leaf.extra else self._plain.get(leaf.alternative, "")
        page = read(text, plain)
        if page.deep:
            self.body.defects.append("HTML nested too deep to tell what it hides")
        place = f"{where} (HTML)" if plain else where
        self._unseen(leaf, page, place)
        for rows in page.tables:
            self.body.tables.append(Table(f"a table in the {place}", tuple(rows), len(rows), part=leaf.path))
        if plain and same(plain, page.marked):
            if page.links:
                self.body.texts.append(Text(place, self._own(leaf), page.links, part=leaf.path))
            return
        self._layers(leaf, page.whole if self._layer is None and leaf.top else page.text, place)

    def _unseen(self, leaf: Leaf, page: Page, place: str) -> None:
        reasons: dict[str, int] = {}
        for reason, text in page.hidden:
            self.body.texts.append(Text(place, Layer.HIDDEN, text, hidden=reason, part=leaf.path))
            if reason not in _NOT_TOLD and not (len(page.hidden) == 1 and len(text) <= PREHEADER):
                reasons[reason] = reasons.get(reason, 0) + 1
        for reason, count in reasons.items():
            self.body.hidden.append(Hidden(place, f"text that is not seen ({reason})", count))

    def _own(self, leaf: Leaf) -> Layer:
        return self._layer or (Layer.FORWARDED if leaf.attached else Layer.NEW)

    def _layers(self, leaf: Leaf, text: str, where: str) -> None:
        if self._layer is not None or leaf.attached:
            if text.strip():
                self.body.texts.append(Text(where, self._own(leaf), text, part=leaf.path))
            return
        for layer, content in split(text, self._thread).items():
            self.body.texts.append(Text(where, layer, content, part=leaf.path))

    def _other_readings(self, leaf: Leaf, data: bytes, text: str, where: str) -> None:
        """What some clients would make of the same bytes: encodings not declared, other charsets, words, files."""
        others: list[tuple[str, str]] = []
        if leaf.foul:
            others.append(("read without decoding", decode_text(leaf.raw, leaf.charset)))
        if leaf.encoding not in ("base64", "quoted-printable"):
            if looks_base64(data):
                inner = unbase64(data)
                if inner and _printable(inner):
                    others.append(("decoded as base64", decode_text(inner, leaf.charset)))
            elif b"=" in data and looks_quoted_printable(data, leaf.encoding):
                others.append(("decoded as quoted-printable", decode_text(binascii.a2b_qp(data), leaf.charset)))
        charset = leaf.charset.lower()
        if charset not in _ASCII_CHARSETS and not charset.startswith(_ASCII_FAMILIES) and data.isascii():
            plain = data.decode("ascii")
            if plain.split() != text.split():
                others.append(("read without its charset", plain))
        if "\x00" in text:
            others.append(("without its NULs", text.replace("\x00", "")))
        if leaf.declared in _TAGGED:
            # Commands stand within words (RFC 1896, RFC 1341).
            others.append(("without its commands", _TAG.sub("", _BREAK.sub("\n", text)).replace("<<", "<")))
        if "=?" in text and (words := decode_words(text)) != text:
            others.append(("with encoded words read", words))
        for how, content in others:
            if _WORD.search(content):
                self.body.texts.append(Text(f"{where}, {how}", self._own(leaf), content, part=leaf.path))
        self.body.files += [(leaf.path, found) for found in packed_files(data)]


def _printable(data: bytes) -> bool:
    sample = data[:2000]
    return sum(byte in b"\t\r\n" or 32 <= byte < 127 or byte >= 160 for byte in sample) >= 0.9 * len(sample)


def decode_text(data: bytes, charset: str) -> str:
    """A text leaf's bytes as text: its charset, else UTF-8 or Windows-1252; UTF-16 by its mark or its NULs."""
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return charset_text(data, "utf-16")
    elif not charset and data[:200].count(0) >= min(len(data), 200) // 4 > 0:
        order = "utf-16-le" if data[1:200:2].count(0) > data[:200:2].count(0) else "utf-16-be"
        return charset_text(data, order)
    return charset_text(data, charset.strip("\"' "))


def _where(leaf: Leaf) -> str:
    place = leaf.where or "body"
    return f"attached message {leaf.attached}, {place}" if leaf.attached else place


def _part(leaf: Leaf, kind: str, size: int, state: State, why: str) -> Part:
    return Part(leaf.path, leaf.name, leaf.declared, kind, size, state, why, leaf.attachment)


def new_text_hash(contents: Contents) -> str:
    """SHA-256 (hex) of a mail's new words: equal for the same words re-sent, however they are wrapped or marked up.

    Where nothing new is written, the subject and the attachments' names and sizes stand in.
    """
    texts = [text for text in contents.texts if text.layer is Layer.NEW]
    first = next((text.part for text in texts), "")
    new = b"".join(letters(text.folded) for text in texts if text.part == first)
    if not new:
        names = [f"{part.name} {part.size}" for part in contents.parts if part.attachment]
        new = " ".join([fold(contents.headers.first("subject")), *names]).encode("utf-8", "replace")
    return hashlib.sha256(new).hexdigest()

"""What the reader found in a mail: texts, tables, parts. Law: read, without text, or unreadable (design law 4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from mailguard.mail.fold import fold


class Layer(StrEnum):
    """Whose words a text is: only SUBJECT, NEW and ATTACHMENT are the sender's own (POL-5)."""

    SUBJECT = "subject"
    NEW = "new"
    QUOTED = "quoted"
    FORWARDED = "forwarded"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    ATTACHMENT = "attachment"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Text:
    """A run of text with its place in words. `hidden` says how a reader is kept from seeing it, "" if he sees it."""

    where: str
    layer: Layer
    content: str = field(repr=False)
    hidden: str = ""
    part: str = ""

    @cached_property
    def folded(self) -> str:
        """The form patterns match: lower case, accents and look-alikes undone (see `fold`)."""
        return fold(self.content)


@dataclass(frozen=True)
class Table:
    """Rows of a sheet, csv or document table; `rows` may be capped, `total_rows` is the true count."""

    where: str
    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    total_rows: int
    hidden: str = ""
    part: str = ""


@dataclass(frozen=True)
class Hidden:
    """Something a reader does not see (LAW-8): `what` in words ("very hidden sheet 'Data'"), and where."""

    where: str
    what: str
    count: int = 1


class State(StrEnum):
    """What became of a part. NO_TEXT is a kind without text (a picture); it is not a finding."""

    READ = "read"
    NO_TEXT = "no text"
    ENCRYPTED = "encrypted"
    LOCKED = "locked"
    BROKEN = "broken"
    LATE = "late"
    OVER_LIMIT = "over limit"


UNREADABLE = frozenset({State.LOCKED, State.BROKEN, State.LATE, State.OVER_LIMIT})
TO_A_KEY = frozenset({"cms", "pgp", "binary", "txt"})
"""Kinds of encrypted parts that a recipient's key opens, as S/MIME and OpenPGP are carried."""


@dataclass(frozen=True)
class Part:
    """One leaf of the mail, or one member of an archive in it.

    `path` like "1.2" (MIME) or "1.2/Residents.zip/list.xlsx"; `name` the file name or ""; `declared` the MIME
    type it claims, `kind` what it is by its bytes ("docx", "pdf", "zip", "jpeg", ...); `size` in decoded bytes.
    `ENCRYPTED` is a real encryption (S/MIME, PGP, AES zip, Office or PDF user password); `LOCKED` one that
    does not count as encryption (ZipCrypto), or that could not be opened.
    """

    path: str
    name: str
    declared: str
    kind: str
    size: int
    state: State
    why: str = ""
    attachment: bool = False

    @property
    def password(self) -> bool:
        """True where a password closes it: an archive, an Office file, a PDF. S/MIME and OpenPGP need a key."""
        return self.state is State.ENCRYPTED and self.kind not in TO_A_KEY


@dataclass(frozen=True)
class Headers:
    """The header fields, decoded (RFC 2047), names lower case, in order of appearance."""

    fields: tuple[tuple[str, str], ...] = field(repr=False)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of `name` (lower case)."""
        return tuple(value for key, value in self.fields if key == name)

    def first(self, name: str) -> str:
        """The first value of `name`, or ""."""
        return next((value for key, value in self.fields if key == name), "")


@dataclass(frozen=True)
class Contents:
    """All a reader made of one message. `defects` are reasons for `malformed`; `partial` is message/partial.

    `worked` is for what is worked out of `texts` alone, by its maker's name: it goes with them to the next mail that
    has the same body (see `mail.again`).
    """

    headers: Headers
    parts: tuple[Part, ...] = ()
    texts: tuple[Text, ...] = ()
    tables: tuple[Table, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    defects: tuple[str, ...] = ()
    partial: bool = False
    worked: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def unreadable(self) -> tuple[Part, ...]:
        """Parts that could hold text and could not be read."""
        return tuple(part for part in self.parts if part.state in UNREADABLE or part.password)

    @property
    def attachment_bytes(self) -> int:
        """Decoded size of all attachments, top-level parts only (VOL-9)."""
        return sum(part.size for part in self.parts if part.attachment and "/" not in part.path)

    @property
    def encrypted(self) -> bool:
        """True where the whole body is one encrypted part (S/MIME enveloped or PGP), nothing beside it."""
        return bool(self.parts) and all(part.state is State.ENCRYPTED for part in self.parts)

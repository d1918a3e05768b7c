"""MIME field parameters as clients read them. Law: where clients may read a value in two ways, both are given.

Sources: RFC 2045 (5.1), RFC 2183, RFC 2231 (continuations, charsets), and RFC 2047 words in names, as Outlook writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from mailguard.mail.headers import charset_text, decode_words

_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))')
_COMMENT = re.compile(r"\([^()]*\)")
_PIECE = re.compile(r"^([^*]+)\*(\d+)?(\*)?$")
LONG = 16_384


@dataclass(frozen=True)
class Field:
    """A structured field: its first token, parameters by lower-case name, and parameters given twice that differ."""

    value: str
    parameters: dict[str, str]
    conflicts: tuple[tuple[str, str], ...] = ()


def structured(text: str) -> Field:
    """Read `text/plain; charset="utf-8"`. Never raises; `value` is lower case, without blanks and comments."""
    # Short values without names and boundaries repeat from mail to mail, and tell nothing of anyone.
    return _common(text) if len(text) < 64 and not ("name" in text or "bound" in text) else _structured(text[:LONG])


@lru_cache(maxsize=256)
def _common(text: str) -> Field:
    return _structured(text)


def _structured(text: str) -> Field:
    head, semicolon, rest = text.partition(";")
    if "(" in head:
        head = _COMMENT.sub("", head)
    value = "".join(head.split()).lower()
    if not semicolon:
        return Field(value, {})
    parameters: dict[str, str] = {}
    conflicts: list[tuple[str, str]] = []
    pieces: dict[str, list[tuple[int, str, bool]]] = {}
    for given, inside, token in _PARAMETER.findall(";" + rest):
        content = re.sub(r"\\(.)", r"\1", inside) if inside else _COMMENT.sub("", token).strip().strip("\"'")
        name = given.lower()
        if piece := _PIECE.match(name):
            pieces.setdefault(piece[1], []).append(
                (int((piece[2] or "0")[:6]), content, bool(piece[3] or not piece[2]))
            )
        elif name not in parameters:
            parameters[name] = content
        elif parameters[name] != content:
            conflicts.append((name, content))
    for name, found in pieces.items():
        parameters[name] = _continued(found)
    return Field(value, parameters, tuple(conflicts))


def _continued(pieces: list[tuple[int, str, bool]]) -> str:
    """RFC 2231: pieces in order of number, the first carrying `charset'language'`."""
    charset, data = "", b""
    for at, (_, piece, encoded) in enumerate(sorted(pieces, key=lambda piece: piece[0])):
        content = piece
        if encoded and at == 0 and piece.count("'") >= 2:
            charset, _, content = piece.split("'", 2)
        data += unquote_to_bytes(content) if encoded else content.encode("utf-8", "replace")
    return charset_text(data, charset)


def file_name(kind: Field, disposition: Field) -> str:
    """The name a reader sees: `filename`, else `name`; without a path, encoded words read."""
    name = disposition.parameters.get("filename") or kind.parameters.get("name") or ""
    return re.split(r"[/\\]", decode_words(name))[-1].strip() if name else ""

"""The header block and its addresses. Law: every field is kept, in order, and nothing here ever raises.

Sources: RFC 5322 (fields, addresses), RFC 2047 (encoded words), RFC 6532 (UTF-8 fields).
"""

from __future__ import annotations

import binascii
import contextlib
import re

from mailguard.mail.contents import Headers

ADDRESS_FIELDS = frozenset(
    {"from", "sender", "to", "cc", "bcc", "reply-to", "resent-from", "resent-to", "resent-cc", "return-path"}
)
_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bqBQ])\?([^?\r\n]*)\?=")
# White space between two encoded words is not shown (RFC 2047, 6.2).
_JOINT = re.compile(r"(\?=)\s+(?==\?[^?\s]+\?[bqBQ]\?)")
_SPECIAL = re.compile(r'[",<>()\[\]:;@\\]')
_NAME = re.compile(r"[!-9;-~]+")
_FIELD = re.compile(r"^([!-9;-~]+):[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)


def charset_text(data: bytes, charset: str) -> str:
    """`data` as text in `charset`; where that is unknown or wrong, as UTF-8, else as Windows-1252 or Latin-1."""
    for name in (charset, "utf-8", "cp1252"):
        if name:
            try:
                return data.decode(name)
            except (LookupError, UnicodeError, ValueError):
                continue
    return data.decode("latin-1")


def _word(match: re.Match[str]) -> str:
    charset, how, payload = match.groups()
    raw = payload.encode("ascii", "ignore")
    if how in "bB":
        try:
            data = binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
        except binascii.Error:
            return match.group()
    else:
        data = binascii.a2b_qp(raw, header=True)
    return charset_text(data, charset)


def decode_words(value: str) -> str:
    """A field's value with its encoded words read (RFC 2047); what cannot be decoded stays as it is."""
    if "=?" not in value:
        return value
    return _WORD.sub(_word, _JOINT.sub(r"\1", value)).replace("\r", " ").replace("\n", " ")


def _decode_phrase(value: str) -> str:
    """As `decode_words`, but a decoded word that has specials becomes a quoted string: it is a name, not syntax."""

    def quoted(match: re.Match[str]) -> str:
        text = _word(match)
        return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"' if _SPECIAL.search(text) else text

    return _WORD.sub(quoted, _JOINT.sub(r"\1", value)).replace("\r", " ").replace("\n", " ")


def raw_fields(head: bytes) -> tuple[list[tuple[str, str]], list[str]]:
    """Fields of a header block (name in lower case, value unfolded, encoded words as they are), and oddities.

    Oddities: a line without a colon, a blank before the colon; the line is then kept under the name "".
    An mbox `From ` line in front is passed over. Bytes are read as UTF-8, else Latin-1.
    """
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    found = _FIELD.findall(text)
    lines = text.count("\n") - text.count("\n ") - text.count("\n\t") + (not text.endswith("\n"))
    if len(found) == lines:
        return [(name.lower(), value.replace("\r\n", "").rstrip()) for name, value in found], []
    return _odd_fields(text)


def _odd_fields(text: str) -> tuple[list[tuple[str, str]], list[str]]:
    """As `raw_fields`, line by line: for header blocks that are not plain CRLF lines of `name: value`."""
    fields: list[tuple[str, str]] = []
    odd: list[str] = []
    text = text.replace("\r\n ", " ").replace("\r\n\t", " ").replace("\n ", " ").replace("\n\t", " ")
    for number, line in enumerate(text.split("\n")):
        name, colon, value = line.partition(":")
        if colon and _NAME.fullmatch(name):
            fields.append((name.lower(), value.strip()))
        elif line.strip() and not (number == 0 and line.startswith(("From ", ">From "))):
            bare = name.rstrip()
            if colon and _NAME.fullmatch(bare):
                fields.append((bare.lower(), value.strip()))
                odd.append("a header field with a blank before its colon")
            else:
                fields.append(("", line.strip()))
                odd.append("a header line without a field name")
    return fields, odd


def parse_headers(head: bytes) -> Headers:
    """The decoded fields of a header block (`Message.head`): CRLF or LF lines, without the blank line."""
    fields, _ = raw_fields(head)
    return decoded(fields)


def decoded(fields: list[tuple[str, str]]) -> Headers:
    """`raw_fields` with encoded words read; in address fields a decoded name cannot become syntax."""
    return Headers(
        tuple(
            (name, value if "=?" not in value else (_decode_phrase if name in ADDRESS_FIELDS else decode_words)(value))
            for name, value in fields
            if name
        )
    )


def addresses(value: str) -> tuple[str, ...]:
    """Addr-specs of an address field's value, lower case, in order, each once; never raises (RFC 5322, 3.4).

    Groups are opened, comments and names passed over, a Unicode domain is given in its ASCII form (RFC 5890).
    """
    if "@" not in value and "=?" not in value:
        return ()
    hard = any(mark in value for mark in '"(:\\') or "=?" in value
    pieces = _pieces(value) if hard else re.split("[,;]", value)
    found: dict[str, None] = {}
    for piece in pieces:
        for address in _addr_specs(piece):
            found[address] = None
    return tuple(found)


def _pieces(value: str) -> list[str]:
    """The mailboxes of a list: quoted strings and comments emptied, parted at `,`, `;` and a group's `:`."""
    pieces: list[str] = []
    piece: list[str] = []
    at, size, depth, angle = 0, len(value), 0, False
    while at < size:
        mark = value[at]
        if mark == "\\" and depth:
            at += 1
        elif mark == "(":
            depth += 1
        elif mark == ")" and depth:
            depth -= 1
        elif depth:
            pass
        elif mark == '"':
            at = _quoted(value, at, piece)
        elif mark in ",;" or (mark == ":" and not angle):
            pieces.append("".join(piece))
            piece, angle = [], False
        else:
            angle = angle or mark == "<"
            piece.append(mark)
        at += 1
    pieces.append("".join(piece))
    # An unclosed comment or quote would swallow addresses a lenient client still sees.
    return pieces if not depth else [*pieces, *re.split("[,;]", value)]


def _quoted(value: str, at: int, piece: list[str]) -> int:
    """Pass over the quoted string that opens at `at`; a quoted local part is kept. Gives the closing offset."""
    end = at + 1
    while end < len(value) and value[end] != '"':
        end += 2 if value[end] == "\\" else 1
    if value[end + 1 : end + 2] == "@":
        piece.append(re.sub(r"\\(.)", r"\1", value[at + 1 : end]).replace(" ", "").replace(",", ""))
    elif end >= len(value):
        piece.append(" " + value[at + 1 :])
    else:
        piece.append(" ")
    return end


def _addr_specs(piece: str) -> list[str]:
    """The address of one mailbox: what stands in angle brackets, else every word with an `@`."""
    if "@" not in piece and "=?" in piece:
        piece = decode_words(piece)
    start = piece.rfind("<")
    if start >= 0:
        inside = piece[start + 1 :].partition(">")[0]
        # A source route `@a,@b:user@c` has been parted at its marks already (RFC 5321, appendix C).
        words = [inside.replace(" ", "")] if "@" in inside else piece.replace("<", " ").replace(">", " ").split()
    else:
        words = piece.split()
    return [_normal(word) for word in words if word.count("@") and word.strip("@<>.'`") and not word.startswith("@")]


def _normal(address: str) -> str:
    local, _, domain = address.strip("<>.'`").rpartition("@")
    if not domain.isascii():
        with contextlib.suppress(UnicodeError):
            domain = domain.encode("idna").decode("ascii")
    return f"{local}@{domain}".lower()

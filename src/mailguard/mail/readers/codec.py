"""Documents as JSON between processes.

Law: what a reader process says is untrusted: only plain values of known shape come in.

Never pickle: a parser that was taken over could run code in the mail worker by it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from mailguard.mail.contents import Contents, Headers, Hidden, Layer, Part, State, Table, Text
from mailguard.mail.filetype import WITHOUT_TEXT
from mailguard.mail.readers.document import Document


def encode(document: Document) -> dict[str, Any]:
    """A document as plain values."""
    return {
        "kind": document.kind,
        "state": document.state.value,
        "why": document.why,
        "size": document.size,
        "texts": texts(document.texts),
        "tables": tables(document.tables),
        "hidden": hidden(document.hidden),
        "parts": parts(document.parts),
    }


def texts(items: Iterable[Text]) -> list[Any]:
    """Texts as lists."""
    return [[text.where, text.layer.value, text.content, text.hidden, text.part] for text in items]


def tables(items: Iterable[Table]) -> list[Any]:
    """Tables as lists."""
    return [[table.where, table.rows, table.total_rows, table.hidden, table.part] for table in items]


def hidden(items: Iterable[Hidden]) -> list[Any]:
    """Hidden things as lists."""
    return [[item.where, item.what, item.count] for item in items]


def parts(items: Iterable[Part]) -> list[Any]:
    """Parts as lists."""
    return [
        [part.path, part.name, part.declared, part.kind, part.size, part.state.value, part.why, part.attachment]
        for part in items
    ]


def decode(value: dict[str, Any]) -> Document:
    """The document of plain values. Raises ValueError, TypeError or KeyError for any other shape."""
    return Document(
        _string(value["kind"]),
        State(value["state"]),
        _string(value["why"]),
        int(value["size"]),
        tuple(map(_text, value["texts"])),
        tuple(map(_table, value["tables"])),
        tuple(map(_hidden, value["hidden"])),
        tuple(map(_part, value["parts"])),
    )


def contents(value: dict[str, Any]) -> Contents:
    """The contents of a large mail without its documents. Raises ValueError, TypeError or KeyError."""
    return Contents(
        Headers(tuple((_string(key), _string(item)) for key, item in value["headers"])),
        tuple(map(_part, value["parts"])),
        tuple(map(_text, value["texts"])),
        tuple(map(_table, value["tables"])),
        tuple(map(_hidden, value["hidden"])),
        tuple(map(_string, value["defects"])),
        bool(value["partial"]),
    )


def attached(value: dict[str, Any]) -> list[tuple[str, str, str, int, bool, str]]:
    """Path, name, declared type, size, whether it is an attachment, and its kind where that has no text, of each
    document of a large mail."""
    return [
        (_string(path), _string(name), _string(declared), int(size), bool(attachment), _textless(kind))
        for path, name, declared, size, attachment, kind in value["documents"]
    ]


def _textless(kind: object) -> str:
    return kind if isinstance(kind, str) and kind in WITHOUT_TEXT else ""


def _text(value: list[Any]) -> Text:
    where, layer, content, unseen, part = value
    return Text(_string(where), Layer(layer), _string(content), _string(unseen), _string(part))


def _table(value: list[Any]) -> Table:
    where, rows, total, unseen, part = value
    kept = tuple(tuple(map(_string, row)) for row in rows)
    return Table(_string(where), kept, int(total), _string(unseen), _string(part))


def _hidden(value: list[Any]) -> Hidden:
    where, what, count = value
    return Hidden(_string(where), _string(what), int(count))


def _part(value: list[Any]) -> Part:
    path, name, declared, kind, size, state, why, attachment = value
    return Part(
        _string(path),
        _string(name),
        _string(declared),
        _string(kind),
        int(size),
        State(state),
        _string(why),
        bool(attachment),
    )


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def dumps(value: dict[str, Any]) -> bytes:
    """JSON as UTF-8; half a surrogate pair, which text from files can hold, becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


loads: Callable[[bytes], Any] = json.loads

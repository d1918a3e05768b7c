"""Comma, semicolon and tab separated files. Law: a table whatever its separator; a broken quote costs no line."""

from __future__ import annotations

import csv
import io
from collections import Counter

from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.txt import decode

SEPARATORS = ",;\t|"
_SAMPLE = 20
_FIELD = 1_000_000


def separator(text: str) -> str:
    """The separator that stands equally often, and most often, in the first lines; "" if none does."""
    lines = [line for line in text[:20_000].splitlines()[:_SAMPLE] if line.strip()]
    best, score = "", 0.0
    for mark in SEPARATORS:
        counts = Counter(line.count(mark) for line in lines)
        common, times = counts.most_common(1)[0] if counts else (0, 0)
        value = common * times / max(len(lines), 1)
        if common and value > score:
            best, score = mark, value
    return best


def rows_of(text: str, mark: str) -> list[list[str]]:
    """All rows that are not blank; falls back to plain splitting where quotes are broken."""
    csv.field_size_limit(_FIELD)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error:
        rows = [line.split(mark) for line in text.splitlines()]
    return [row for row in rows if any(cell.strip() for cell in row)]


def read(data: bytes, out: Reading) -> None:
    """Read a separated file into `out`, as a table and as text."""
    text = decode(data)
    mark = separator(text)
    if mark:
        rows = rows_of(text, mark)
        out.table(rows, len(rows))
    out.text(text)

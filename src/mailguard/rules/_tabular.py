"""Rows and columns of people's data. Law: a column is what its heading says, or what most of its cells are.

Used by `people_list`; headings are data (`config/words/columns.toml`).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import re2

from mailguard.mail.fold import fold
from mailguard.matching.context import GAP
from mailguard.matching.dates import DATE, birth_date
from mailguard.matching.identifiers import POSTCODE, compact, nhs_valid, nino_valid, postcode_valid

Rows = Sequence[Sequence[str]]
HEAD, SAMPLE = 6, 40
MOST = 0.6
MARKS = ",;\t|"
# A table pasted as HTML into a plain text.
CELL_END, ROW_END = re2.compile(r"</t[dh]>\s*<t[dh][^>]*>"), re2.compile(r"</tr>")
TAG = re2.compile(r"</?t(?:able|body|head|[rdh])[^>]*>")

_CELLS = {
    "e-mail": re2.compile(r"^[^\s@]{1,64}@[a-z0-9.-]+\.[a-z]{2,}$"),
    "postcode": re2.compile(rf"^{POSTCODE}$"),
    "phone": re2.compile(r"^(?:\+44|0)[\d ()-]{9,14}$"),
    "National Insurance number": re2.compile(r"^[a-z]{2} ?\d\d ?\d\d ?\d\d ?[a-d]?$"),
    "date of birth": re2.compile(rf"^{DATE}$"),
    "NHS number": re2.compile(r"^\d{3}[ -]?\d{3}[ -]?\d{4}$"),
    "sort code": re2.compile(r"^\d\d-\d\d-\d\d$"),
    "address": re2.compile(rf"^(?:flat \w+,? )?\d{{1,4}}[a-z]?,? [a-z'. -]{{3,40}}(?:,.*)?(?:{POSTCODE})?$"),
}


@dataclass(frozen=True)
class People:
    """What a table says: how many rows of people, and which kinds of data."""

    rows: int
    kinds: tuple[str, ...]
    headed: bool


class Columns:
    """Headings by kind, from `config/words/columns.toml`: kind = list of headings; `organisation` speaks against."""

    def __init__(self, table: Mapping[str, Sequence[str]], first_names: frozenset[str]) -> None:
        self._kinds = {
            kind: re2.compile(
                rf"^[^a-z0-9]*(?:{'|'.join(GAP.join(map(re2.escape, fold(word).split())) for word in words)})[^a-z]*$"
            )
            for kind, words in table.items()
            if words
        }
        self._names = first_names

    def kind(self, heading: str) -> str:
        """What a heading names, or ""."""
        folded = fold(heading.strip())
        if not folded or len(folded) > 48:
            return ""
        return next((kind for kind, expression in self._kinds.items() if expression.match(folded)), "")

    def read(self, rows: Rows) -> People | None:
        """The people of a table by its headings, else by its cells; None where it is not about people."""
        for index, row in enumerate(rows[:HEAD]):
            kinds = [self.kind(cell) for cell in row]
            if sum(bool(kind) for kind in kinds) >= 2:
                body = [item for item in rows[index + 1 :] if sum(bool(cell.strip()) for cell in item) >= 2]
                if "name" not in kinds:
                    by_cells = self._by_cells(body) or [""] * len(kinds)
                    kinds = [kind or cell for kind, cell in zip_longest(kinds, by_cells, fillvalue="")]
                return self._judge(kinds, body, headed=True)
        return self._judge(self._by_cells(rows), rows, headed=False)

    def _judge(self, kinds: Sequence[str], body: Rows, *, headed: bool) -> People | None:
        distinct = tuple(dict.fromkeys(kind for kind in kinds if kind))
        if not body or ("name" not in distinct and "person" not in distinct and not (ALONE & set(distinct))):
            return None
        return People(len(body), distinct, headed)

    def _by_cells(self, rows: Rows) -> list[str]:
        sample = rows[:SAMPLE]
        if len(sample) < 2:
            return []
        width = Counter(len(row) for row in sample).most_common(1)[0][0]
        alike = [row for row in sample if len(row) == width]
        if len(alike) < max(2, MOST * len(sample)) or width < 2:
            return []
        return [self._cells([fold(row[column].strip()) for row in alike]) for column in range(width)]

    def _cells(self, cells: Sequence[str]) -> str:
        filled = [cell for cell in cells if cell]
        if len(filled) < MOST * len(cells):
            return ""
        need = MOST * len(filled)
        for kind, expression in _CELLS.items():
            if sum(expression.match(cell) is not None and _true(kind, cell) for cell in filled) >= need:
                return kind
        named = sum(self._named(cell) for cell in filled)
        return "name" if named >= need else ""

    def _named(self, cell: str) -> bool:
        words = cell.replace(",", " ").replace(".", " ").split()
        return 1 <= len(words) <= 4 and any(word in self._names or word in TITLES for word in words)


TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx"})
# Kinds of which one column is a person by itself.
ALONE = frozenset(
    {"NHS number", "National Insurance number", "date of birth", "passport", "pupil number", "driver number"}
)


def _true(kind: str, cell: str) -> bool:
    if kind == "NHS number":
        return nhs_valid(compact(cell))
    if kind == "National Insurance number":
        return nino_valid(compact(cell))
    if kind == "date of birth":
        return birth_date(cell)
    return kind != "postcode" or postcode_valid(cell)


def tables_in(text: str) -> list[list[list[str]]]:
    """Runs of three or more lines that one same mark parts into as many cells: csv, tab or pipe tables in a text."""
    if "</td>" in text:
        text = TAG.sub("", ROW_END.sub("\n", CELL_END.sub("\t", text)))
    found: list[list[list[str]]] = []
    run: list[str] = []
    mark = ""
    for line in [*text.split("\n"), ""]:
        here = _mark(line, mark)
        if here and (not mark or here == mark):
            mark = here
            run.append(line)
            continue
        if len(run) >= 3:
            found.append(_rows(run, mark))
        run, mark = ([line], here) if here else ([], "")
    return found


def _mark(line: str, before: str) -> str:
    if before and before in line:
        return before
    counts = {mark: line.count(mark) for mark in MARKS}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] >= (1 if best in "\t|" else 2) and len(line) < 1000 else ""


def _rows(lines: Sequence[str], mark: str) -> list[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=mark, skipinitialspace=True))
    except csv.Error:
        rows = [line.split(mark) for line in lines]
    trimmed = [[cell.strip().strip("*") for cell in row] for row in rows]
    if mark == "|":
        trimmed = [row[1:-1] if row and not row[0] and not row[-1] else row for row in trimmed]
    return [row for row in trimmed if any(cell and set(cell) - set("-:= ") for cell in row)]

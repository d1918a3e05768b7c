"""Excel files (xlsx, xlsm, xltx, xltm). Law: the caches are read too: pivot records, links, charts, comments, names.

ECMA-376 part 1, 18. Cells are read sparsely by an own walker: a stray cell in the last row and column costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mailguard.mail.contents import State
from mailguard.mail.readers import cells
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.office import natural, rest, walk
from mailguard.mail.readers.sheet import HIDDEN, VERY_HIDDEN, VISIBLE, Sheet, counted, tell_unused
from mailguard.mail.readers.xmlwalk import Attrs, Walker
from mailguard.mail.readers.zipbox import ZipBox

_STATES = {"hidden": HIDDEN, "veryhidden": VERY_HIDDEN}
_TRUE = frozenset({"1", "true"})
_LETTERS = re.compile(r"[A-Za-z]{1,3}")
_WORKBOOK = re.compile(r"^xl/workbook\d*\.xml$", re.I)
_RELATIONS = re.compile(r"^xl/_rels/workbook\d*\.xml\.rels$", re.I)
_PIVOT = re.compile(r"^xl/pivotcache/.*\.xml$", re.I)
_EXTERNAL = re.compile(r"^xl/externallinks/[^/]+\.xml$", re.I)
_COMMENTS = re.compile(r"^xl/(?:threaded)?comments(?:/[^/]+|\d*)\.xml$", re.I)
LAST_COLUMN = 16_384
PHONETIC = "phonetic guides"


@dataclass
class Book:
    """What sheets share: strings, date and masked formats by cell style, the day that dates count from."""

    strings: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    sheets: list[tuple[str, str, str]] = field(default_factory=list)
    epoch_1904: bool = False
    used: set[int] = field(default_factory=set)

    def shown(self, raw: str, style: int) -> str:
        """A number as it shows in a cell of this style."""
        code = self.formats[style] if 0 <= style < len(self.formats) else ""
        return cells.under(raw, code, cells.EPOCH_1904 if self.epoch_1904 else cells.EPOCH)


class Strings(Walker):
    """The shared strings; phonetic guides, which Excel shows above them, in a stream of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []

    def open(self, tag: str, attrs: Attrs) -> None:
        if tag == "rPh":
            self.hide(PHONETIC)

    def shut(self, tag: str) -> None:
        if tag == "rPh":
            self.write("\n")
        if tag == "si":
            self.strings.append(self.result().strip("\n"))
            self.streams[""] = []


class Styles(Walker):
    """Number formats by cell style: "date", a mask of zeros, or ""."""

    def __init__(self) -> None:
        super().__init__()
        self.formats: list[str] = []
        self._codes: dict[str, str] = {}

    def open(self, tag: str, attrs: Attrs) -> None:
        if tag == "numFmt":
            self._codes[attrs.get("numFmtId", "")] = attrs.get("formatCode", "")
        elif tag == "xf" and self.path[-2] == "cellXfs":
            identity = attrs.get("numFmtId", "0")
            code = self._codes.get(identity, "")
            self.formats.append(cells.format_of(int(identity) if identity.isdigit() else 0, code))


class Workbook(Walker):
    """Sheets with their state, defined names, and the epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, str]] = []
        self.epoch_1904 = False

    def open(self, tag: str, attrs: Attrs) -> None:
        if tag == "sheet":
            state = _STATES.get(attrs.get("state", "").lower(), VISIBLE)
            self.sheets.append((attrs.get("name", ""), state, attrs.get("id", "")))
        elif tag == "workbookPr":
            self.epoch_1904 = attrs.get("date1904") in _TRUE
        elif tag == "definedName":
            self.write(f"\n{attrs.get('name', '')}: ")


class Relations(Walker):
    """Targets by relationship id."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}

    def open(self, tag: str, attrs: Attrs) -> None:
        if tag == "Relationship":
            self.targets[attrs.get("Id", "")] = attrs.get("Target", "")


class Cells(Walker):
    """The cells of one sheet, row by row, into a Sheet; everything beside the cells stays in the walker's text."""

    valued = frozenset({"filter"})
    breaks = Walker.breaks | dict.fromkeys(("formula1", "oddHeader", "oddFooter", "evenHeader", "f"), "\n")

    def __init__(self, book: Book, sheet: Sheet) -> None:
        super().__init__()
        self._book, self._sheet = book, sheet
        self._row: dict[int, str] = {}
        self._row_hidden = False
        self._column = self._number = 0
        self._type = self._style = ""
        self._value: list[str] = []

    def open(self, tag: str, attrs: Attrs) -> None:
        if tag == "c":
            found = _LETTERS.match(attrs.get("r", ""))
            self._column = column(found.group()) if found else self._column + 1
            self._type, self._style = attrs.get("t", "n"), attrs.get("s", "")
            self._value = []
        elif tag == "row":
            self._row, self._row_hidden, self._column = {}, attrs.get("hidden") in _TRUE, -1
            self._number = int(attrs["r"]) if attrs.get("r", "").isdigit() else self._number + 1
        elif tag == "col" and (attrs.get("hidden") in _TRUE or attrs.get("width") in {"0", "0.0"}):
            first, last = attrs.get("min", ""), attrs.get("max", "")
            # A sheet of nothing but overlapping columns would cost minutes.
            if first.isdigit() and last.isdigit() and len(self._sheet.hidden_columns) < LAST_COLUMN:
                self._sheet.hidden_columns.update(range(int(first) - 1, min(int(last), LAST_COLUMN)))
        elif tag == "inputCells":
            self.write(f"{attrs.get('val', '')}\n")

    def write(self, text: str) -> None:
        if len(self.path) > 1 and self.path[-1] in {"v", "t"} and "c" in self.path:
            self._value.append(text)
        elif self.path[-1] != "f" or '"' in text:
            super().write(text)

    def shut(self, tag: str) -> None:
        if tag == "c":
            self._row[self._column] = self._shown("".join(self._value))
        elif tag == "row":
            self._sheet.row(self._row, self._row_hidden, self._number)

    def _shown(self, raw: str) -> str:
        if self._type == "s":
            number = int(raw) if raw.strip().isdigit() else -1
            self._book.used.add(number)
            return self._book.strings[number] if 0 <= number < len(self._book.strings) else ""
        if self._type == "b":
            return "TRUE" if raw == "1" else "FALSE" if raw == "0" else raw
        if self._type != "n" or not raw:
            return raw
        return self._book.shown(raw, int(self._style) if self._style.isdigit() else -1)


class Cache(Walker):
    """A pivot cache or an external link: values are in `v` attributes or `v` elements."""

    breaks = Walker.breaks | {"v": "\n", "sheetName": "\n"}

    def open(self, tag: str, attrs: Attrs) -> None:
        value = attrs.get("v", "")
        if value and tag in {"s", "n", "d", "b", "e"}:
            shown = cells.number(value) if tag == "n" else value
            self.write(shown + "\t")
            self.counts["values"] += 1
        elif tag == "r":
            self.write("\n")
            self.counts["records"] += 1
        elif tag in {"cacheField", "sheetName", "definedName"}:
            self.write(f"\n{attrs.get('name') or attrs.get('val') or ''}: ")
        elif tag == "v":
            self.counts["values"] += 1


class Notes(Walker):
    """Cell comments, old and threaded."""

    def open(self, tag: str, attrs: Attrs) -> None:
        if tag in {"comment", "threadedComment"}:
            self.counts["comments"] += 1
            self.write("\n")


def read(data: bytes, out: Reading) -> None:
    """Read an Excel file into `out`. Raises Refused."""
    box = ZipBox(data, out.budget)
    taken: set[str] = set()
    book = _book(box, out, taken)
    for name, state, target in _sheets(box, out, book):
        if target not in taken:
            taken.add(target)
            sheet = Sheet(name, state, out)
            walker = walk(Cells(book, sheet), box, target, out)
            sheet.close()
            out.text(
                cells.header(walker.result()),
                f"sheet '{name}', beside the cells",
                "" if state == VISIBLE else f"{state} sheet",
            )
    if out.state is State.READ:
        tell_unused(book.strings, book.used, out)
    _caches(box, out, taken)
    rest(box, out, taken)


def _book(box: ZipBox, out: Reading, taken: set[str]) -> Book:
    main = next((name for name in sorted(box.names) if _WORKBOOK.match(name)), "xl/workbook.xml")
    taken |= {name for name in box.names if name == main or name.lower() == "xl/sharedstrings.xml"}
    workbook = walk(Workbook(), box, main, out)
    strings = walk(Strings(), box, "xl/sharedStrings.xml", out)
    styles = walk(Styles(), box, "xl/styles.xml", out)
    out.text("\n".join(name for name, _, _ in workbook.sheets), "sheet names")
    out.text(workbook.result(), "defined names")
    out.text(strings.result(PHONETIC), PHONETIC)
    return Book(strings.strings, styles.formats, workbook.sheets, workbook.epoch_1904)


def _sheets(box: ZipBox, out: Reading, book: Book) -> list[tuple[str, str, str]]:
    """Name, state and part of each sheet; a sheet part that no workbook names is read as a hidden one."""
    rels = next((name for name in sorted(box.names) if _RELATIONS.match(name)), "")
    relations = walk(Relations(), box, rels, out).targets
    found = placed(book, relations, box)
    named = {path for _, _, path in found}
    loose = [name for name in box.names if re.match(r"^xl/worksheets/[^/]+\.xml$", name, re.I) and name not in named]
    return found + [(path.rpartition("/")[2], VERY_HIDDEN, path) for path in sorted(loose, key=natural)]


def placed(book: Book, relations: Mapping[str, str], box: ZipBox) -> list[tuple[str, str, str]]:
    """Name, state and part of each sheet that the workbook names and the file has."""
    known = {name.lower(): name for name in box.names}
    found = []
    for name, state, identity in book.sheets:
        target = relations.get(identity, "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path.lower() in known:
            found.append((name, state, known[path.lower()]))
    return found


def _caches(box: ZipBox, out: Reading, taken: set[str]) -> None:
    comments = records = values = 0
    for name in sorted(box.names, key=natural):
        if _PIVOT.match(name):
            cache = walk(Cache(), box, name, out)
            records += cache.counts["records"]
            values += cache.counts["values"]
            out.text(cache.result(), "pivot cache", hidden="pivot cache")
        elif _EXTERNAL.match(name):
            link = walk(Cache(), box, name, out)
            out.text(link.result(), "external link cache", hidden="external link cache")
            out.hide(f"external link cache with {counted(link.counts['values'], 'value')}", link.counts["values"])
        elif _COMMENTS.match(name):
            notes = walk(Notes(), box, name, out)
            comments += notes.counts["comments"]
            out.text(notes.result(), "comments", hidden="comment")
        else:
            continue
        taken.add(name)
    if records or values:
        what = counted(records, "record") if records else counted(values, "value")
        out.hide(f"pivot cache with {what}", records or values)
    out.hide("comments", comments)


def column(letters: str) -> int:
    """The number of a column from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1

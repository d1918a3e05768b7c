"""OpenDocument files (odt, ods, odp, and templates).

Law: hidden sheets, rows, sections, notes and old versions are named.

OASIS ODF 1.3 part 3. Repeated rows and cells are counted, not multiplied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.office import Data, Properties, walk
from mailguard.mail.readers.sheet import HIDDEN, VISIBLE, Sheet
from mailguard.mail.readers.xmlwalk import Attrs, Walker
from mailguard.mail.readers.zipbox import ZipBox

DELETED, COMMENT, SECRET, NOTES = "tracked deletion", "comment", "hidden text", "slide notes"
_LAYOUT = frozenset({"settings.xml", "layout-cache", "manifest.xml"})
_STEP = frozenset({"collapse", "filter"})


class Manifest(Walker):
    """Whether the package is encrypted (ODF 1.3 part 2, 3.4.2)."""

    def open(self, tag: str, attrs: Attrs) -> None:
        self.counts["encrypted"] += tag in {"encryption-data", "encrypted-key"}


class Body(Walker):
    """content.xml or styles.xml: text, tables, and what a style or an element hides."""

    breaks: ClassVar[dict[str, str]] = Walker.breaks | dict.fromkeys(
        ("date", "creator", "initial-creator", "title", "desc", "description", "subject", "keyword", "user-defined",
         "generator"),
        "\n",
    )  # fmt: skip
    table_tags = ("table", "table-row", "table-cell")
    mute = Walker.mute | {"binary-data", "settings"}
    words = (Walker.words - {"title"}) | {"label"}
    valued = frozenset({"filter-condition"})

    def __init__(self, out: Reading, spreadsheet: bool, hiding: dict[str, set[str]] | None = None) -> None:
        super().__init__()
        self._out, self._spreadsheet = out, spreadsheet
        self._hiding = hiding if hiding is not None else {"text": set(), "table": set(), "page": set()}
        self._style = ""
        self._sheet: Sheet | None = None
        self._row: dict[int, str] = {}
        self._row_hidden = False
        self._column = self._columns = self._number = 0
        self._repeat = self._rows = 1
        self._cell: list[str] = []
        self._cell_value = ""
        self.links: dict[str, None] = {}

    def open(self, tag: str, attrs: Attrs) -> None:
        handler = self._handlers.get(tag)
        if handler is not None:
            handler(self, attrs)
        name = attrs.get("style-name", "")
        if tag in {"p", "h", "span"} and name in self._hiding["text"]:
            self._mark(SECRET)
        elif tag == "page" and name in self._hiding["page"]:
            self._mark("hidden slide")

    def _mark(self, label: str) -> None:
        self.counts[label] += 1
        if self.current == "":
            self.hide(label)

    def _style_begins(self, attrs: Attrs) -> None:
        self._style = attrs.get("name", "")
        if attrs.get("parent-style-name", "") in self._hiding["text"]:
            self._hiding["text"].add(self._style)

    def _properties(self, attrs: Attrs) -> None:
        if attrs.get("display") == "none":
            self._hiding["text"].add(self._style)
        elif attrs.get("display") == "true":
            self._hiding["text"].discard(self._style)
        elif attrs.get("display") == "false":
            self._hiding["table"].add(self._style)
        elif attrs.get("visibility") == "hidden":
            self._hiding["page"].add(self._style)

    def _hidden_if(self, attrs: Attrs) -> None:
        if attrs.get("is-hidden") == "true" or attrs.get("display") == "none":
            self._mark(SECRET)
        if attrs.get("string-value"):
            self.streams.setdefault(SECRET, []).append(attrs["string-value"] + "\n")

    def _table(self, attrs: Attrs) -> None:
        if self._spreadsheet and self._sheet is None:
            state = HIDDEN if attrs.get("style-name", "") in self._hiding["table"] else VISIBLE
            self._sheet = Sheet(attrs.get("name", ""), state, self._out)
            self.streams[""].append(attrs.get("name", "") + "\n")
            self._columns, self._number, self._rows = 0, -1, 1

    def _table_column(self, attrs: Attrs) -> None:
        count = repeated(attrs, "number-columns-repeated")
        if self._sheet is not None and attrs.get("visibility") in _STEP:
            self._sheet.hidden_columns.update(range(self._columns, min(self._columns + count, 16_384)))
        self._columns += count

    def _table_row(self, attrs: Attrs) -> None:
        self._row, self._column = {}, 0
        self._number += self._rows
        self._rows = repeated(attrs, "number-rows-repeated")
        self._row_hidden = attrs.get("visibility") in _STEP

    def _table_cell(self, attrs: Attrs) -> None:
        self._cell = []
        self._cell_value = attrs.get("value", "") or attrs.get("date-value", "") or attrs.get("string-value", "")
        self._repeat = repeated(attrs, "number-columns-repeated")
        if '"' in (formula := attrs.get("formula", "")):
            super().write(f"{formula}\n")

    def _link(self, attrs: Attrs) -> None:
        if ":" in (target := attrs.get("href", "")):
            self.links[target] = None

    def _named(self, attrs: Attrs) -> None:
        # Titles of prompts, names of formulas, fields of the whole text: no other element says them.
        for key in ("title", "name", "string-value"):
            if attrs.get(key):
                super().write(f"{attrs[key]}\n")

    def _space(self, attrs: Attrs) -> None:
        self.write(" " * min(repeated(attrs, "c"), 64))

    def _tab(self, attrs: Attrs) -> None:
        self.write("\t")

    def _annotation(self, _: Attrs) -> None:
        self._mark(COMMENT)

    def _deletion(self, _: Attrs) -> None:
        self._mark(DELETED)

    def _insertion(self, _: Attrs) -> None:
        self.counts["tracked insertions"] += 1

    def _notes(self, _: Attrs) -> None:
        # Every slide has a notes page; only one with words counts, which `_keep` sees by the stream.
        if self.current in {"", "hidden slide"}:
            self.hide(NOTES)

    _handlers: ClassVar[dict[str, Callable[[Body, Attrs], None]]] = {
        "style": _style_begins,
        "text-properties": _properties,
        "table-properties": _properties,
        "drawing-page-properties": _properties,
        "hidden-text": _hidden_if,
        "hidden-paragraph": _hidden_if,
        "section": _hidden_if,
        "table": _table,
        "table-column": _table_column,
        "table-row": _table_row,
        "table-cell": _table_cell,
        "covered-table-cell": _table_cell,
        "s": _space,
        "tab": _tab,
        "annotation": _annotation,
        "deletion": _deletion,
        "insertion": _insertion,
        "notes": _notes,
        "a": _link,
        **dict.fromkeys(
            ("help-message", "error-message", "named-expression", "named-range", "database-range", "user-field-decl"),
            _named,
        ),
    }

    def write(self, text: str) -> None:
        if self._sheet is not None and "table-row" in self.path and self.current == "":
            self._cell.append(text)
        else:
            super().write(text)

    def shut(self, tag: str) -> None:
        if self._sheet is None:
            return
        if tag in {"table-cell", "covered-table-cell"}:
            text = "".join(self._cell).strip() or self._cell_value
            if text:
                self._row[self._column] = text
            self._column += self._repeat
            self._cell, self._cell_value = [], ""
        elif tag == "p" and self._cell and self.current == "":
            self._cell.append(" ")
        elif tag == "table-row":
            self._sheet.row(self._row, self._row_hidden, self._number)
            self._row = {}
        elif tag == "table" and self.path.count("table") == 1:
            self._sheet.close()
            self._sheet = None


def read(data: bytes, out: Reading) -> None:
    """Read an OpenDocument file into `out`. Raises Refused."""
    box = ZipBox(data, out.budget)
    if walk(Manifest(), box, "META-INF/manifest.xml", out).counts["encrypted"]:
        raise Refused(State.ENCRYPTED, "encrypted with a password")
    spreadsheet = b"spreadsheet" in box.get("mimetype")
    hiding: dict[str, set[str]] = {"text": set(), "table": set(), "page": set()}
    for name in sorted(box.names, key=lambda name: name != "styles.xml"):
        base = name.rpartition("/")[2]
        if base in {"content.xml", "styles.xml"}:
            detail = (
                "" if name == "content.xml" else "headers and footers" if name == "styles.xml" else "embedded object"
            )
            _keep(out, walk(Body(out, spreadsheet and detail == "", hiding), box, name, out), detail)
        elif base == "meta.xml":
            out.text(walk(Properties(), box, name, out).lines(), "document properties")
        elif name.startswith("Versions/"):
            out.hide("an earlier version")
            out.member(base, box.get(name))
        elif name.startswith(("Object", "EmbeddedFiles")) and not name.endswith((".xml", "/")):
            out.member(base, box.get(name))
        elif base not in _LAYOUT and name.endswith(".xml") and not name.startswith(("META-INF/", "Configurations2/")):
            # Macros, dialogs, forms of databases, lists of versions.
            out.text(walk(Data(), box, name, out).result(), base)


def flat(data: bytes, out: Reading) -> None:
    """Read OpenDocument that is one file of XML. Raises Refused."""
    body = Body(out, b"opendocument.spreadsheet" in data[:8192])
    try:
        body.walk(data)
    finally:
        _keep(out, body, "")


def _keep(out: Reading, body: Body, detail: str) -> None:
    said = body.result()
    out.text(said, detail)
    links = [link for link in body.links if link.removeprefix("mailto:") not in said]
    out.text("\n".join(links), ", ".join(filter(None, [detail, "links"])))
    for rows in body.tables if not out.kind.startswith("ods") else []:
        out.table(rows, len(rows), ", ".join(filter(None, [detail, "table"])))
    for label, content in body.unseen.items():
        out.text(content, ", ".join(filter(None, [detail, label])), hidden=label)
        count = body.counts[label] or 1
        out.hide({COMMENT: "comments", DELETED: "tracked deletions"}.get(label, label), count, detail)
    if body.counts["tracked insertions"] and DELETED not in body.unseen:
        out.hide("tracked changes", body.counts["tracked insertions"], detail)


def repeated(attrs: Attrs, key: str) -> int:
    """A repeat count, at least 1."""
    value = attrs.get(key, "")
    return max(1, int(value)) if value.isdigit() else 1

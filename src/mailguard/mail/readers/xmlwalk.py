"""An expat walker over one XML part, base of all Office readers. Law: every character is kept; no entity is expanded.

Words split over runs stay joined: breaks come only at paragraphs, cells, rows, tabs and the like.
Text a reader does not see goes to a stream of its own, named in words ("tracked deletion", "hidden text").
"""

from __future__ import annotations

import re
from collections import Counter
from typing import ClassVar
from xml.parsers import expat

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused

Attrs = dict[str, str]

FALLBACK = "\0fallback"
BREAKS = {
    **dict.fromkeys(("p", "br", "cr", "tr", "row", "h", "si", "line-break", "list-item", "text", "page", "sp"), "\n"),
    **dict.fromkeys(("tab", "tc", "ptab", "table-cell", "covered-table-cell"), "\t"),
}
# Attributes that hold people's words: descriptions, tips, prompts, WordArt, text of fixed pages, false branches.
WORDS = frozenset(
    {
        "alt", "caption", "command", "comment", "connection", "descr", "description", "displayText", "error",
        "errorTitle", "expression", "condition", "prompt", "promptTitle", "string", "string-value-if-false",
        "string-value-if-true", "title", "tooltip", "UnicodeString",
    }
)  # fmt: skip
_TAGS = re.compile(rb"<[^<>]*>")


class Walker:
    """Collects the text of one XML part; formats override `open` and `shut` for what they know."""

    breaks: ClassVar[dict[str, str]] = BREAKS
    mute: ClassVar[frozenset[str]] = frozenset({"binData", "fldData", "posOffset", "pctWidth", "pctHeight", "align"})
    # Attributes whose words are read in any element; elements whose `val` (or `value`) is read.
    words: ClassVar[frozenset[str]] = WORDS
    valued: ClassVar[frozenset[str]] = frozenset()
    table_tags: ClassVar[tuple[str, str, str]] = ("tbl", "tr", "tc")

    def __init__(self) -> None:
        self.streams: dict[str, list[str]] = {"": []}
        self.counts: Counter[str] = Counter()
        self.tables: list[list[list[str]]] = []
        self.path: list[str] = []
        self._kept: list[str] = [""]
        self._muted = 0
        self._written = ""
        self._open_tables: list[list[list[str]]] = []
        self._cells: list[list[str]] = []
        self._locals: dict[str, str] = {}

    # What a format may override.

    def open(self, tag: str, attrs: Attrs) -> None:
        """An element begins; `tag` and the attribute names are without prefix."""

    def shut(self, tag: str) -> None:
        """An element ends."""

    # What a format may use.

    @property
    def current(self) -> str:
        """The stream that is written to now; "" is the visible one."""
        return self._kept[-1]

    def hide(self, label: str, levels: int = 0) -> None:
        """Write what follows in the innermost element, or `levels` outside it, to the stream `label`."""
        for level in range(min(levels + 1, len(self._kept) - 1)):
            self._kept[-1 - level] = label

    def write(self, text: str) -> None:
        """Add to the current stream, and to the table cell that is open."""
        label = self.current
        stream = self.streams.setdefault(label, [])
        if label != self._written and not (text.isspace() and "\n" in text):
            # Two hidden passages with something seen between them are two, but for what only indents the XML.
            if label and stream and not stream[-1][-1:].isspace():
                stream.append("\n")
            self._written = label
        stream.append(text)
        if self._cells and self.current != FALLBACK:
            self._cells[-1].append(text)

    def walk(self, data: bytes) -> None:
        """Read one part. Raises Refused for entity declarations and for XML that is not well formed."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = 64 * 1024
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._chars
        parser.EntityDeclHandler = _no_entities
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            raise Refused(State.BROKEN, "XML in it is not well formed") from error

    def result(self, stream: str = "") -> str:
        """The text of a stream; text of fallback content that nothing else says joins the visible one."""
        text = "".join(self.streams.get(stream, []))
        if stream == "" and FALLBACK in self.streams:
            extra = [line for line in self.result(FALLBACK).splitlines() if line.strip() and line not in text]
            text = "\n".join([text, *extra])
        return text

    @property
    def unseen(self) -> dict[str, str]:
        """Streams a reader does not see, by their label, blank ones left out."""
        labels = [label for label in self.streams if label not in {"", FALLBACK}]
        return {label: text for label in labels if (text := self.result(label).strip())}

    def _local(self, name: str) -> str:
        found = self._locals.get(name)
        if found is None:
            found = self._locals[name] = name.rpartition(":")[2]
        return found

    def _start(self, name: str, raw: Attrs) -> None:
        tag = self._local(name)
        self._kept.append(self._kept[-1])
        self.path.append(tag)
        if tag in self.mute:
            self._muted += 1
        elif tag == "Fallback":
            self._kept[-1] = FALLBACK
        elif tag in self.table_tags:
            self._table_open(tag)
        attrs = {self._local(key): value for key, value in raw.items()} if raw else {}
        self.open(tag, attrs)
        if attrs and not (self.words.isdisjoint(attrs) and tag not in self.valued):
            self.say(tag, attrs)

    def say(self, tag: str, attrs: Attrs) -> None:
        """Write the words that stand in attributes, apart from the text around them."""
        said = [value for key, value in attrs.items() if key in self.words]
        if tag in self.valued:
            said.append(attrs.get("val", "") or attrs.get("value", ""))
        for value in said:
            if len(value) > 1:
                self.write(f" [{value}] ")

    def _end(self, name: str) -> None:
        tag = self._local(name)
        self.shut(tag)
        mark = self.breaks.get(tag)
        if mark:
            self._break(tag, mark)
        if tag in self.table_tags:
            self._table_shut(tag)
        elif tag in self.mute:
            self._muted -= 1
        self._kept.pop()
        self.path.pop()

    def _break(self, tag: str, mark: str) -> None:
        """End a paragraph, cell or row: the end of a cell replaces its last paragraph's, of a row its last cell's."""
        _, row, cell = self.table_tags
        stream = self.streams.get(self.current)
        if stream and stream[-1] != mark:
            last = stream[-1]
            if (last == "\n" and tag == cell) or (last == "\t" and tag == row):
                stream[-1] = mark
            else:
                stream.append(mark)
        if self.current == "":
            # A visible end ends what is hidden too; not the other way: a note may stand amid a word.
            for label, other in self.streams.items():
                if label and other and other[-1] not in {"\n", "\t"}:
                    other.append(mark)
        if self._cells and tag not in self.table_tags:
            self._cells[-1].append(" ")

    def _chars(self, text: str) -> None:
        if not self._muted:
            self.write(text)

    def _table_open(self, tag: str) -> None:
        table, row, cell = self.table_tags
        if tag == table:
            self._open_tables.append([])
        elif tag == row and self._open_tables:
            self._open_tables[-1].append([])
        elif tag == cell and self._open_tables:
            self._cells.append([])

    def _table_shut(self, tag: str) -> None:
        table, _, cell = self.table_tags
        if tag == table and self._open_tables:
            rows = [row for row in self._open_tables.pop() if any(row)]
            if rows and self.current != FALLBACK:
                self.tables.append(rows)
        elif tag == cell and self._cells:
            content = "".join(self._cells.pop()).strip()
            if self._open_tables and self._open_tables[-1]:
                self._open_tables[-1][-1].append(content)


def strip_tags(data: bytes) -> str:
    """The text of mark-up that is not well-formed XML (legacy VML), tags cut out."""
    return _TAGS.sub(b" ", data).decode("utf-8", "replace")


def _no_entities(*_: object) -> None:
    raise Refused(State.OVER_LIMIT, "declares XML entities, which are not expanded")

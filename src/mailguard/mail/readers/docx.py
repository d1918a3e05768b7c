"""Word files (docx, docm, dotx, dotm). Law: every story is read, and what Word would not print is named as hidden.

ECMA-376 part 1, 17: stories in document, header, footer, footnotes, endnotes, comments; tracked changes in `w:del`,
`w:ins`, `w:moveFrom`; hidden text in `w:vanish`, directly or by a style.
"""

from __future__ import annotations

import re

from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.office import rest, walk
from mailguard.mail.readers.xmlwalk import Attrs, Walker
from mailguard.mail.readers.zipbox import ZipBox

DELETED, HIDDEN, CODES = "tracked deletion", "hidden text", "field code"
_NOTED = frozenset(
    {"alias", "tag", "helpText", "statusText", "default", "listEntry", "attr", "tblDescription", "tblCaption"}
)
_STORY = re.compile(r"^word/(document|header|footer|footnotes|endnotes|comments|glossary/document)(\d*)\.xml$", re.I)
_OFF = frozenset({"0", "false", "off"})
_MARKS = frozenset({"rPr", "trPr", "tcPr", "numPr", "ctrlPr"})


class Styles(Walker):
    """Finds the styles that hide text, by themselves or by the style they are based on."""

    def __init__(self) -> None:
        super().__init__()
        self._hides: dict[str, bool] = {}
        self._bases: dict[str, str] = {}
        self._style = ""

    def open(self, tag: str, attrs: Attrs) -> None:
        if tag == "style":
            self._style = attrs.get("styleId", "")
        elif tag == "basedOn":
            self._bases[self._style] = attrs.get("val", "")
        elif tag == "vanish" and self.path[-2] == "rPr":
            self._hides[self._style] = attrs.get("val", "1") not in _OFF

    @property
    def vanishing(self) -> set[str]:
        """The ids of all styles that hide text."""
        return {style for style in {*self._hides, *self._bases} if self._hidden(style)}

    def _hidden(self, style: str) -> bool:
        for _ in range(20):
            if style in self._hides:
                return self._hides[style]
            style = self._bases.get(style, "")
        return False


class Story(Walker):
    """One story of a Word file."""

    valued = _NOTED

    def __init__(self, vanishing: set[str]) -> None:
        super().__init__()
        self._vanishing = vanishing

    def open(self, tag: str, attrs: Attrs) -> None:
        if tag in {"del", "moveFrom", "ins", "moveTo"} and self.path[-2] not in _MARKS:
            if tag in {"del", "moveFrom"}:
                self.hide(DELETED)
            self.counts["tracked changes"] += 1
        elif tag in {"del", "hidden"} and self.path[-2] == "trPr" and attrs.get("val", "1") not in _OFF:
            if self.current == "":
                self.hide(DELETED if tag == "del" else HIDDEN, 2)
                self.counts[HIDDEN] += tag == "hidden"
                self.counts["tracked changes"] += tag == "del"
        elif tag == "instrText":
            self.hide(CODES)
        elif tag == "fldSimple":
            self.streams.setdefault(CODES, []).append(attrs.get("instr", "") + "\n")
        elif self._vanishes(tag, attrs.get("val", "")):
            if self.current == "":
                self.hide(HIDDEN, 2)
                self.counts[HIDDEN] += 1
        elif tag == "comment":
            self.counts["comments"] += 1
            self.write(f"\n{attrs['author']}: " if attrs.get("author") else "\n")

    def _vanishes(self, tag: str, value: str) -> bool:
        """True for a property that hides its run or paragraph; `w:vanish` of a paragraph mark hides only the mark."""
        if tag == "pStyle":
            return value in self._vanishing
        if self.path[-3:-1] != ["r", "rPr"]:
            return False
        return (tag == "vanish" and value not in _OFF) or (tag == "rStyle" and value in self._vanishing)


def read(data: bytes, out: Reading) -> None:
    """Read a Word file into `out`. Raises Refused."""
    box = ZipBox(data, out.budget)
    taken: set[str] = set()
    styles = walk(Styles(), box, "word/styles.xml", out)
    for name in sorted(box.names, key=lambda name: not name.lower().endswith("document.xml")):
        match = _STORY.match(name)
        if match:
            taken.add(name)
            detail = match[1].lower().replace("glossary/document", "building blocks")
            story = walk(Story(styles.vanishing), box, name, out)
            _keep(out, story, "" if detail == "document" else detail)
    rest(box, out, taken)


def _keep(out: Reading, story: Story, detail: str) -> None:
    if detail == "comments":
        out.text(story.result(), detail, hidden="comment")
        out.hide("comments", story.counts["comments"])
    else:
        out.text(story.result(), detail)
    for rows in story.tables:
        out.table(rows, len(rows), ", ".join(filter(None, [detail, "table"])))
    for label, content in story.unseen.items():
        out.text(content, ", ".join(filter(None, [detail, label])), hidden="" if label == CODES else label)
    seen = story.unseen
    if DELETED in seen:
        out.hide("tracked deletions", len(seen[DELETED].splitlines()), detail)
    if HIDDEN in seen:
        out.hide("hidden text", story.counts[HIDDEN], detail)
    if story.counts["tracked changes"] and DELETED not in seen and story.result().strip():
        out.hide("tracked changes", story.counts["tracked changes"], detail)

"""What all OOXML files share: properties, embedded files, charts, links. Law: a part nobody named is walked too.

ECMA-376 parts 1 and 2. Formats: see `docx`, `xlsx` and `pptx`, which each take their own parts first.
"""

from __future__ import annotations

import re
from typing import ClassVar, TypeVar

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.xmlwalk import Attrs, Walker, strip_tags
from mailguard.mail.readers.zipbox import ZipBox

PROPERTIES = re.compile(r"(?:^|/)docprops/(?:core|custom)\.xml$", re.I)
STATISTICS = re.compile(r"(?:^|/)docprops/app\.xml$", re.I)
CUSTOM = re.compile(r"^customxml/item\d*\.xml$", re.I)
MODEL = re.compile(r"^xl/model/", re.I)
EMBEDDED = re.compile(r"(?:^|/)embeddings/[^/]+$|afchunk[^/]*$|\.(?:mht|html?|rtf|eml|msg|docx|xlsx|pptx|txt)$", re.I)
SKIPPED = re.compile(
    r"(?:^|/)(?:_rels/\.rels|\[content_types\]\.xml|theme\d*\.xml|themeoverride\d*\.xml|styles\.xml|fonttable\.xml|"
    r"websettings\.xml|styleswitheffects\.xml|calcchain\.xml|tablestyles\.xml|viewprops\.xml|presprops\.xml|"
    r"(?:colors|style)\d+\.xml|numbering\.xml)$",
    re.I,
)
XML = re.compile(r"\.(?:xml|rels|vml)$", re.I)

_ANCHOR = frozenset({"col", "colOff", "row", "rowOff"})
_VML_ANCHOR = re.compile(r"^\s*(?:\d+(?:,\s*\d+){7}|True|False|Pict|\d)\s*$", re.M)
# Names of name spaces and of schemas: addresses and GUIDs.
_NAMING = re.compile(r"https?://|urn:|\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?$", re.I)
W = TypeVar("W", bound=Walker)


class Properties(Walker):
    """Document properties, of OOXML and of ODF, as lines "title: ..."."""

    def open(self, tag: str, attrs: Attrs) -> None:
        if tag != "meta" and (len(self.path) == 2 or self.path[1:2] == ["meta"]):
            self.write(f"\n{attrs.get('name', '') or tag}: ")

    def lines(self) -> str:
        """The properties that have a value."""
        return "\n".join(line for line in self.result().splitlines() if line.partition(": ")[2].strip())


class Links(Walker):
    """Targets outside the file, as relationships name them (addresses, linked files)."""

    def open(self, tag: str, attrs: Attrs) -> None:
        if tag == "Relationship" and attrs.get("TargetMode") == "External":
            self.write(attrs.get("Target", "") + "\n")


class Plain(Walker):
    """Any other part: all its character data, and the descriptions of its pictures; no coordinates of drawings."""

    mute = Walker.mute | {"tableStyleId", "formatCode"}
    breaks: ClassVar[dict[str, str]] = Walker.breaks | {"v": "\n", "f": "\n", "title": "\n"}
    words = Walker.words | {"displayName"}
    valued: ClassVar[frozenset[str]] = frozenset({"tag", "docVar", "item", "property"})

    def say(self, tag: str, attrs: Attrs) -> None:
        self.write("\n")
        super().say(tag, attrs)
        self.write("\n")

    def write(self, text: str) -> None:
        if not (len(self.path) > 1 and self.path[-2] in {"from", "to"} and self.path[-1] in _ANCHOR):
            super().write(text)


class Company(Properties):
    """Of the statistics that Office keeps of a file: the words, not the numbers."""

    def lines(self) -> str:
        kept = ("Company: ", "Manager: ", "HyperlinkBase: ")
        return "\n".join(line for line in super().lines().splitlines() if line.startswith(kept))


class Data(Plain):
    """Custom XML, and XML of no known application: its attributes are data too."""

    def open(self, tag: str, attrs: Attrs) -> None:
        values = [value for value in attrs.values() if len(value) > 1 and not _NAMING.match(value)]
        if values and not self.path[0].lower().endswith("schema"):
            self.write("\n" + "\t".join(values) + "\n")

    def say(self, tag: str, attrs: Attrs) -> None:
        """All of them are said already."""

    def shut(self, tag: str) -> None:
        self.write("\n")

    def result(self, stream: str = "") -> str:
        return "\n".join(line for line in super().result(stream).splitlines() if line.strip())


def walk(walker: W, box: ZipBox, name: str, out: Reading) -> W:
    """Walk the part `name`, if it is there; a broken part leaves its note in `out`. Raises Refused over a limit."""
    try:
        data = box.get(name)
        if data:
            walker.walk(data)
    except Refused as refused:
        out.refuse(refused.state, refused.why)
        if refused.state is State.OVER_LIMIT:
            raise
    return walker


def rest(box: ZipBox, out: Reading, taken: set[str]) -> None:
    """Read every part the format did not take itself: properties, charts, diagrams, custom XML, embedded files."""
    links: list[str] = []
    for name in box.names:
        if name in taken or SKIPPED.search(name):
            continue
        taken.add(name)
        _part(box, out, name, links)
    out.text("\n".join(dict.fromkeys(links)), "links")


def _part(box: ZipBox, out: Reading, name: str, links: list[str]) -> None:
    lower, short = name.lower(), name.rpartition("/")[2]
    if PROPERTIES.search(name):
        out.text(walk(Properties(), box, name, out).lines(), "document properties")
    elif STATISTICS.search(name):
        out.text(walk(Company(), box, name, out).lines(), "document properties")
    elif CUSTOM.search(name):
        out.text(walk(Data(), box, name, out).result(), "custom XML")
    elif MODEL.search(name):
        out.hide("data model")
        out.unread(short, 0, State.LOCKED, "a data model of Power Pivot, which is not read")
    elif lower.endswith(".rels"):
        links += walk(Links(), box, name, out).result().splitlines()
    elif EMBEDDED.search(name):
        out.hide(f"embedded file '{short}'")
        try:
            out.member(short, box.get(name))
        except Refused as refused:
            if refused.state is State.OVER_LIMIT:
                raise
            out.unread(short, 0, refused.state, refused.why)
    elif lower.endswith(".vml"):
        out.text(" ".join(_VML_ANCHOR.sub("", strip_tags(box.get(name))).split()), "drawing")
    elif XML.search(name):
        out.text(walk(Plain(), box, name, out).result(), short.rpartition(".")[0])


def natural(name: str) -> tuple[int, str]:
    """Sort key: slide2 before slide10."""
    digits = re.sub(r"\D", "", name.rpartition("/")[2])[:9]
    return (int(digits or 0), name)

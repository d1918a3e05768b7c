"""Rich text. Law: headers, notes, text boxes, comments, hidden and deleted words are all read; objects are taken out.

Microsoft RTF 1.9.1. An own tokenizer, since libraries for RTF give the body alone. Linear in the file's length.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from dataclasses import dataclass, replace
from html import escape

from mailguard.mail.readers import ole
from mailguard.mail.readers.document import Reading

_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_SKIPPED = """
fonttbl colortbl stylesheet pict blipuid themedata colorschememapping latentstyles datastore listtable rsidtbl
listoverridetable xmlnstbl filetbl revtbl generator shppict nonshppict panose falt fontemb bkmkstart bkmkend atndate
atnid atnref atrfstart atrfend atnparent picprop sn objclass mmathPr pgptbl wgrffmtfilter passwordhash pntext pntxta
pntxtb
"""
# Destinations that older readers may skip (`\*`) and that hold words nevertheless.
_READ = "annotation atnauthor shpinst shptxt footnote fldinst sv docvar userprops staticval propname"
_SKIPPED_WORDS, _READ_WORDS = frozenset(_SKIPPED.split()), frozenset(_READ.split())
# Values of shapes, variables and properties: each stands for itself.
_APART = frozenset({"sv", "docvar", "propname", "staticval"})
_NOTES = {"annotation": "comment", "atnauthor": "comment"}
_LINES = dict.fromkeys(
    ("par", "line", "sect", "page", "row", "nestrow", "footnote", "header", "footer", "shptxt"), "\n"
)
_QUOTES = {
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
}
_MARKS = {**_LINES, **_QUOTES, "cell": "\t", "nestcell": "\t", "tab": "\t", "fldrslt": " "}
_HIDING = {"v": "hidden text", "deleted": "tracked deletion"}
_NAMED = {"hidden text": "hidden text", "tracked deletion": "tracked deletions", "comment": "comments"}
_WORDS = re.compile(r"[^\W_]+")
_HEAD = 1024
_SYMBOLS = {"~": " ", "_": "-", "-": "", "\n": "\n", "\r": "\n", "{": "{", "}": "}", "\\": "\\"}


@dataclass(frozen=True)
class _Group:
    """What holds in a group: nothing is read, bytes of an object are gathered, words go to `stream`.

    `charset`: that of the font, where it has one of its own. `tag`, `apart`: in rich text made of HTML, a piece of
    the mark-up; and what stands there for programs that know no HTML.
    """

    skipped: bool = False
    object: bool = False
    info: bool = False
    stream: str = ""
    after_unicode: int = 1
    charset: str = ""
    tag: bool = False
    apart: bool = False


class _Parser:
    def __init__(self) -> None:
        self.streams: dict[str, list[str]] = {"": []}
        self.counts: dict[str, int] = {}
        self.objects: list[list[str]] = []
        self.info: list[str] = []
        self._group, self._stack = _Group(), list[_Group]()
        self._ignorable = False
        self._skip = 0
        self._bytes = bytearray()
        self._charset = "cp1252"
        self._written = ""
        self._fonts: dict[int, str] = {}
        self._font = 0
        self.html: list[str] = []

    def parse(self, source: str) -> None:
        at = 0
        while match := _TOKEN.search(source, at):
            at = match.end()
            word, number, code, symbol, brace, text = match.groups()
            if code:
                self._byte(int(code, 16))
                continue
            self._flush()
            if word:
                at = self._word(word, number, at)
            elif brace:
                self._brace(brace)
            elif symbol == "*":
                self._ignorable = True
            elif symbol or text:
                self._text(_SYMBOLS.get(symbol, "") if symbol else text)
        self._flush()

    def _byte(self, value: int) -> None:
        if self._skip:
            self._skip -= 1
        else:
            self._bytes.append(value)

    def _flush(self) -> None:
        if self._bytes:
            text, self._bytes = self._bytes.decode(self._group.charset or self._charset, "replace"), bytearray()
            self._write(text)

    def _brace(self, brace: str) -> None:
        if brace == "{":
            self._stack.append(self._group)
        elif self._stack:
            self._group = self._stack.pop()
        self._ignorable = False
        self._skip = 0

    def _text(self, text: str) -> None:
        if self._skip:
            dropped = min(self._skip, len(text))
            text, self._skip = text[dropped:], self._skip - dropped
        self._write(text)

    def _write(self, text: str) -> None:
        group = self._group
        if not group.apart and not group.object and not group.info and (group.tag or not group.skipped):
            self.html.append(text if group.tag else escape(text))
        if group.tag:
            return
        if group.object:
            self.objects[-1].append(text)
        elif group.info:
            self.info.append(text)
        elif not group.skipped:
            stream = self.streams.setdefault(group.stream, [])
            if group.stream != self._written and group.stream and stream and not stream[-1][-1:].isspace():
                # Two hidden passages with something seen between them are two.
                stream.append("\n")
            self._written = group.stream
            stream.append(text)

    def _word(self, word: str, number: str | None, at: int) -> int:
        """One control word; gives where to read on."""
        value = int(number) if number else 0
        if word == "bin":
            return at + max(0, value)
        if word == "u":
            self._write(chr(value % 0x10000) if not 0xD800 <= value % 0x10000 < 0xE000 else "?")
            self._skip = self._group.after_unicode
        elif word == "uc":
            self._group = replace(self._group, after_unicode=max(0, min(value, 8)))
        elif word == "ansicpg":
            self._charset = f"cp{value}" if value in _CODE_PAGES else "cp1252"
        elif word in _OLD_CHARSETS:
            self._charset = _OLD_CHARSETS[word]
        elif word == "f":
            self._font = value
            self._group = replace(self._group, charset=self._fonts.get(value, ""))
        elif word == "fcharset":
            self._fonts[self._font] = _FONT_CHARSETS.get(value, "")
        elif word == "htmltag":
            self._group = replace(self._group, tag=True)
        elif word == "htmlrtf":
            self._group = replace(self._group, apart=number != "0")
        elif word in _HIDING:
            self._hide(_HIDING[word], number != "0")
        else:
            self._destination(word)
        self._ignorable = False
        return at

    def _hide(self, label: str, on: bool) -> None:
        if self._group.stream == "" and on:
            self.counts[label] = self.counts.get(label, 0) + 1
            self._group = replace(self._group, stream=label)
        elif self._group.stream == label and not on:
            self._group = replace(self._group, stream="")

    def _destination(self, word: str) -> None:
        if word == "objdata":
            self.objects.append([])
            self._group = replace(self._group, object=True)
        elif word == "info":
            self._group = replace(self._group, info=True)
        elif word in _SKIPPED_WORDS or (self._ignorable and word not in _READ_WORDS):
            self._group = replace(self._group, skipped=True)
        elif word in _NOTES:
            self.counts[_NOTES[word]] = self.counts.get(_NOTES[word], 0) + (word == "annotation")
            self._group = replace(self._group, stream=_NOTES[word])
            self._write("\n")
        elif self._group.info and word not in _MARKS:
            self.info.append(f"\n{word}: ")
        elif word in _APART:
            self._write("\n")
        elif word in _MARKS:
            self._write(_MARKS[word])


_OLD_CHARSETS = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
_FONT_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_CODE_PAGES = frozenset({437, 850, 852, 866, 874, 932, 936, 949, 950, *range(1250, 1259), 65001})


def says_no_more(data: bytes, plain: str) -> bool:
    """True where `plain` says all that the rich text says, seen or not, and nothing is packed in it."""
    parser = _Parser()
    parser.parse(data.decode("latin-1"))
    known = set(_WORDS.findall(plain))
    said = _WORDS.findall("\n".join("".join(pieces) for pieces in parser.streams.values()))
    return not parser.objects and known.issuperset(said)


def from_html(data: bytes) -> bool:
    """True for HTML that Outlook wrapped in rich text (MS-OXRTFEX 2.2.3.1)."""
    return b"\\fromhtml1" in data[:_HEAD]


def read(data: bytes, out: Reading) -> None:
    """Read rich text into `out`. Raises Refused over the budget."""
    parser = _Parser()
    parser.parse(data.decode("latin-1"))
    wrapped = from_html(data)
    if wrapped:
        # Links, comments and hidden words stand in the mark-up alone.
        page = "".join(parser.html).encode("utf-8", "replace")
        out.budget.inflate(len(page))
        out.member("page.html", BOM_UTF8 + page, "text/html")
    for label, pieces in parser.streams.items():
        if label or not wrapped:
            out.text("".join(pieces), label, hidden=label)
    properties = [line for line in "".join(parser.info).splitlines() if line.partition(": ")[2]]
    out.text("\n".join(properties), "document properties")
    for label, count in parser.counts.items():
        if "".join(parser.streams.get(label, [])).strip():
            out.hide(_NAMED[label], count)
    rows = [line.rstrip("\t").split("\t") for line in "".join(parser.streams[""]).splitlines() if line.endswith("\t")]
    if len(rows) > 1:
        out.table(rows, len(rows), "table")
    for number, digits in enumerate(parser.objects, 1):
        _object(re.sub(r"[^0-9a-fA-F]", "", "".join(digits)), number, out)


def _object(digits: str, number: int, out: Reading) -> None:
    """An embedded object: OLE 1.0 wraps either a compound file or a package (MS-OLEDS 2.2)."""
    body = bytes.fromhex(digits[: len(digits) // 2 * 2])
    out.budget.inflate(len(body))
    out.hide("embedded object")
    start = body.find(ole.MAGIC)
    if start >= 0:
        out.member(f"object {number}", body[start:])
        return
    at = body.find(b"Package\0")
    name, content = ole.package(body[at + 20 :] if at >= 0 else body)
    out.member(name or f"object {number}", content)

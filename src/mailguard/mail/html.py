"""An HTML body as its reader sees it, and apart what he does not see. Law: scripts and styles are never text.

The parser (Lexbor) works in C; block ends are marked in the source before it parses, so that words which are split
over inline elements stay joined and the whole text is taken in one call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from urllib.parse import unquote, urlsplit

import re2
from selectolax.lexbor import LexborHTMLParser, LexborNode

from mailguard.mail.html_hidden import above, hidden_nodes, suspicious
from mailguard.mail.words import JOINTS, clings, cuts, same

# Marks put into the source. Those of lines and cells are white space to HTML (form feeds, tabs), since any
# other character between `<table>` and `<td>` is moved out of the table (HTML, 13.2.6.4.9).
LINE, CELL_MARK = "\f", "\f\t\f"
# Marks in a page's text: a cell; begin and end of a layer (not \x1c to \x1f, which `str.split` takes for blanks).
CELL = "\x02"
QUOTE, FORWARD, SIGNED, CLOSE = "\x03", "\x04", "\x05", "\x06"
LAYER_MARKS = QUOTE + FORWARD + SIGNED + CLOSE
_MARKS = re.compile("[\x00-\x06\f]")
# The same marks as a page may refer to them.
_REFERENCES = re.compile(r"&#(?:0*[1-6](?![0-9])|[xX]0*[1-6](?![0-9a-fA-F]));?")
_LAYER = re.compile("[\x03-\x06]\n?")

# The first letters of block tags; two where the name ends there.
_BLOCKS = frozenset(
    (
        *("p>", "p ", "p\n", "p\r", "p\t", "/p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("/h1", "/h2", "/h3", "/h4", "/h5", "/h6", "div", "/di", "tr>", "tr ", "tr\n", "tr\r", "/tr", "tab", "/ta"),
        *(
            "li>",
            "li ",
            "li\r",
            "li\n",
            "/li",
            "ul>",
            "ul ",
            "/ul",
            "ol>",
            "ol ",
            "/ol",
            "dt>",
            "dt ",
            "dd>",
            "dd ",
            "dl>",
        ),
        *(
            "pre",
            "blo",
            "/bl",
            "sec",
            "/se",
            "art",
            "/ar",
            "cen",
            "/ce",
            "for",
            "/fo",
            "add",
            "/ad",
            "tit",
            "opt",
            "hea",
        ),
        *("/he", "foo", "mai", "/ma", "asi", "/as", "nav", "/na", "fig", "/fi", "fie", "bod"),
    )
) - {"fon", "/fo"}
_CELLS = frozenset(("td>", "td ", "td\n", "td\r", "td\t", "th>", "th ", "th\n", "th\r", "th\t"))
_COMMENT = re.compile(r"<!--(.*?)(?:-->|--!>|\Z)", re.DOTALL)
# Conditional comments, Outlook's own marks and templates' notes are not written for anyone to read.
_MACHINE = re.compile(r"\s*(?:\[if|\[endif|<!\[|startfragment|endfragment|/?\*|#|@|//|mso|o:|webbug)", re.IGNORECASE)
_CSS = re.compile(r"[\w.#]\s*\{[^{}]*:")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_STRIP = re.compile(
    r"<(?:script|style)\b.*?(?:</(?:script|style)\s*>|\Z)|<!--.*?(?:-->|\Z)|<[^<>]*>", re.DOTALL | re.IGNORECASE
)
_WORDS = re.compile(r"[^\W\d_]{2,}")
# Elements that are closed for the writer, or have no end.
_VOID = frozenset(
    (
        *("p", "li", "td", "tr", "th", "br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr"),
        *("option", "dt", "dd", "tbody", "thead", "tfoot"),
    )
)

_QUOTES = (
    'blockquote[type="cite"],.gmail_quote,.gmail_extra blockquote,.yahoo_quoted,.moz-cite-prefix,'
    ".protonmail_quote,.tutanota_quote,#mail-editor-reference-message-container,#isForwardContent,#isReplyContent"
)
_BREAKS = '#divRplyFwdMsg,#appendonsend,#OLK_SRC_BODY_SECTION,#reply-intro,hr[id="stopSpelling"]'
_SIGNATURES = ".gmail_signature,.moz-signature,#Signature,#signature,#ms-outlook-mobile-signature,.apple-signature"
_BORDER = re.compile(r"border-top\s*:\s*solid\s+#(?:e1e1e1|b5c4df)", re.IGNORECASE)
_CLUES = re2.compile(
    r"(?i)cite|quote|divRplyFwdMsg|appendonsend|OLK_SRC|reply-intro|stopSpelling|signature|border-top|ForwardContent|"
    r"ReplyContent|reference-message"
)
_IN_ADDRESS = frozenset("@./:")
DEEPEST = 400
TABLES, TABLE_ROWS = 500, 5000


@dataclass
class Page:
    """What `read` made of a page. `marked` has a line per block, and marks where quotes and signatures begin and end.

    `links` has a line for each target the text does not show. `hidden`: (reason, text) pairs; `tables`: rows of cells,
    layout tables left out; `deep`: nested too deep to tell what is hidden, so that everything counts as seen.
    """

    marked: str
    links: str = ""
    hidden: list[tuple[str, str]] = field(default_factory=list)
    tables: list[list[tuple[str, ...]]] = field(default_factory=list)
    deep: bool = False

    @property
    def whole(self) -> str:
        """All lines, those of the links behind the others."""
        return f"{self.marked}\n{self.links}" if self.links else self.marked

    @property
    def text(self) -> str:
        """All lines, without marks."""
        return _LAYER.sub("", self.whole)


@dataclass(frozen=True)
class _Tree:
    """A parsed page without scripts and styles; `styles` are its sheets, `heading` its title."""

    html: LexborHTMLParser
    root: LexborNode | None
    styles: list[str]
    heading: str


def read(source: str, known: str = "") -> Page:
    """Read HTML source. Linear in its length; never raises.

    `known` is the plain form of the same mail. Where the page says the same words, `marked` is `known` itself: blocks
    and layers are then not worked out.
    """
    if any(mark in source for mark in "\x00" + LINE + CELL + LAYER_MARKS):
        source = _MARKS.sub(" ", source) if LINE in source else _MARKS.sub("", source)
    if "&#" in source:
        source = _REFERENCES.sub("", source)
    if _depth(source) > DEEPEST:
        return Page(lines(_STRIP.sub("", _mark_blocks(source))), deep=True)
    hiding = suspicious(source)
    if known and not hiding and (tree := _parsed(source)).root is not None and _says(tree.root, known):
        page = Page(known)
    else:
        tree, page = _parsed(_mark_blocks(source)), Page("")
        if tree.root is None:
            return page
        if hiding:
            page.hidden += _take_hidden(tree, source.count("<"))
        if _CLUES.search(source):
            _mark_layers(tree.html)
        page.marked = lines(tree.root.text())
    if "<table" in source or "<TABLE" in source:
        page.tables = _tables(tree.html)
    if "href" in source or "HREF" in source:
        page.links = _links(tree.html, page.marked)
    if "<!--" in source:
        page.hidden[:0] = [("a comment", text) for text in _comments(source)]
    if tree.heading and tree.heading not in page.marked:
        page.hidden.append(("the page's title", tree.heading))
    return page


def _parsed(source: str) -> _Tree:
    tree = LexborHTMLParser(source)
    styles, heading = [], ""
    for node in tree.css("script,style,title,template,noframes"):
        if node.tag == "style":
            styles.append(node.text())
        elif node.tag == "title" and not heading:
            heading = clean(node.text())
        node.decompose()
    return _Tree(tree, tree.body or tree.root, styles, heading)


def _says(root: LexborNode, known: str) -> bool:
    """True where the page says the words of `known`, and no two pieces of it meet within what could be a word."""
    pieces = [piece for piece in root.text(separator=CELL).split(CELL) if piece]
    if any(one[-1].isalnum() and other[0].isalnum() for one, other in pairwise(pieces)):
        return False
    if _follow(pieces, known):
        return True
    return not any(_joins(one, other) for one, other in pairwise(pieces)) and same(known, " ".join(pieces))


def _follow(pieces: list[str], known: str) -> bool:
    """True where `known` is the pieces in their order and blanks: found for most mails, and by far the cheapest way."""
    at, before = 0, " "
    for piece in pieces:
        if text := piece.strip():
            start = known.find(text, at)
            gap = known[at:start]
            if start < 0 or gap.strip() or (not gap and start and known[start - 1].isalnum() and text[0].isalnum()):
                return False
            if gap and (_joins(before, piece) or cuts(known[max(0, at - 1) : at], gap, text)):
                return False
            at = start + len(text)
        before = piece
    return not known[at:].strip()


def _joins(one: str, other: str) -> bool:
    """True where pieces that meet may look like one word, or one address or number: a blank between would change it.

    What begins with a capital behind a full stop or a colon, and is no address, begins a line of its own.
    """
    last, first = one[-1], other[0]
    if last.isspace() or first.isspace():
        return False
    if clings(last) or clings(first):
        return True
    if last in ".:" and first.isupper():
        return not _IN_ADDRESS.isdisjoint(other.split(None, 1)[0].rstrip(".:"))
    return (last.isalnum() or last in JOINTS) and (first.isalnum() or first in JOINTS)


def lines(text: str) -> str:
    """Marks to lines: white space of the source is one blank, a block a line, a cell a tab."""
    if CELL_MARK in text:
        text = text.replace(CELL_MARK, CELL)
    return "\n".join(
        [kept for line in text.split(LINE) if (kept := _cells(line) if CELL in line else _one_blank(line))]
    )


def _one_blank(line: str) -> str:
    """White space as one blank. The only printable white space is a blank, so most lines need no parting in words."""
    line = line.strip()
    return line if line.isprintable() and "  " not in line else " ".join(line.split())


def _cells(line: str) -> str:
    return "\t".join(cell for cell in (" ".join(piece.split()) for piece in line.split(CELL)) if cell)


def _mark_blocks(source: str) -> str:
    """LINE before each tag of a block and CELL_MARK before each cell (one pass: a regex takes four times as long)."""
    first, *tags = source.split("<")
    return first + "".join([_prefix(tag[:3]) + tag for tag in tags])


@lru_cache(maxsize=2048)
def _prefix(start: str) -> str:
    """What stands in front of a tag's first three signs: asked at every tag."""
    name = start.lower()
    if name in _BLOCKS or name[:2] in _BLOCKS:
        return LINE + "<"
    return CELL_MARK + "<" if name in _CELLS else "<"


def clean(text: str) -> str:
    """A piece of text on one line, without marks."""
    return " ".join(_MARKS.sub(" ", text).split())


def _depth(source: str) -> int:
    """The deepest nesting, roughly; Lexbor takes quadratic time for it (100,000 open elements: 15 s)."""
    if source.count("<") < 4 * DEEPEST:
        return 0
    open_tags: dict[str, int] = {}
    depth = deepest = 0
    for slash, name in _TAG.findall(source):
        tag = name.lower()
        if tag in _VOID:
            continue
        if not slash:
            open_tags[tag] = open_tags.get(tag, 0) + 1
            depth += 1
            deepest = max(deepest, depth)
        elif open_tags.get(tag):
            open_tags[tag] -= 1
            depth -= 1
    return deepest


def _comments(source: str) -> list[str]:
    found = []
    for comment in _COMMENT.findall(source):
        if not _MACHINE.match(comment):
            text = clean(_STRIP.sub(" ", comment))
            if len(_WORDS.findall(text)) >= 2 and not _CSS.search(text):
                found.append(text)
    return found


def _take_hidden(tree: _Tree, tags: int) -> list[tuple[str, str]]:
    found = []
    for node, reason in hidden_nodes(tree.html, tree.styles, tags):
        text = lines(node.text())
        if _WORDS.search(text) or any(letter.isdigit() for letter in text):
            found.append((reason, text))
        node.decompose()
    return found


def _mark_layers(tree: LexborHTMLParser) -> None:
    for node in tree.css(_SIGNATURES):
        _around(node, SIGNED)
    for node in tree.css(_QUOTES):
        _around(node, QUOTE)
    for node in tree.css(_BREAKS):
        node.insert_before(LINE + FORWARD + LINE)
    for node in tree.css('div[style*="border-top"]'):
        if _BORDER.search(node.attributes.get("style") or ""):
            node.insert_before(LINE + FORWARD + LINE)


def _around(node: LexborNode, mark: str) -> None:
    node.insert_before(LINE + mark + LINE)
    node.insert_after(LINE + CLOSE + LINE)


def _links(tree: LexborHTMLParser, seen: str) -> str:
    """Link targets that the text does not show, as lines of their own, each host and path once."""
    found: dict[str, None] = {}
    for node in tree.css("a[href],area[href]"):
        href = node.attributes.get("href") or ""
        if len(found) < 2000 and href[:4].lower() == "http":
            try:
                parts = urlsplit(href[:2000])
                target = unquote(parts.netloc.rpartition("@")[2] + parts.path).rstrip("/")
            except ValueError:
                target = href[:2000]
            if target not in seen:
                found[" ".join(_MARKS.sub("", target).split())] = None
        elif href[:7].lower() == "mailto:" and (target := unquote(href[7:2000].partition("?")[0])) not in seen:
            found[" ".join(_MARKS.sub("", target).split())] = None
    return "\n".join(f"{LINK}{target}" for target in found)


LINK = "link: "


def _tables(tree: LexborHTMLParser) -> list[list[tuple[str, ...]]]:
    """Tables of data: at least two rows and two columns, no table inside."""
    found = []
    tables = tree.css("table")
    layout = above(tables)
    for table in tables[:TABLES]:
        if table.mem_id in layout:
            continue
        rows = []
        for row in table.css("tr")[:TABLE_ROWS]:
            cells = tuple(clean(cell.text()) for cell in row.css("td,th"))
            if any(cells):
                rows.append(cells)
        if len(rows) >= 2 and sum(len(row) >= 2 for row in rows) >= 2:
            found.append(rows)
    return found

"""What a page keeps from its reader's eyes. Law: media rules do not count: a desktop reader sees that text.

Means told apart: display, visibility, size, opacity, colour on colour, place off the screen, `hidden`, `mso-hide`.
Linear: a selector may look at every element above every other, and an expression at every place of a long style, so
rules are parted by hand, long declarations cut, and selectors asked only as far as STEPS go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import re2
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

# At most one pixel or point, a seventh of an em, or nothing.
_ZERO = r"0*(?:0?\.\d+(?:px|pt)|0?\.[01]\d*r?em|1(?:\.0*)?(?:px|pt)|0(?:\.0+)?(?:px|pt|r?em|%)?)(?![\w.%])"
_MEANS = (
    ("not displayed", re.compile(r"display\s*:\s*none")),
    ("not visible", re.compile(r"visibility\s*:\s*(?:hidden|collapse)")),
    ("hidden from Outlook", re.compile(r"mso-hide\s*:\s*all")),
    ("letters of no size", re.compile(rf"font(?:-size)?\s*:\s*(?:[a-z ]+\s)?{_ZERO}")),
    ("transparent", re.compile(r"(?<![-\w])opacity\s*:\s*0*\.?0*(?![\d.])(?:;|\s|$|})")),
    ("off the screen", re.compile(r"(?:text-indent|(?<![-\w])left|(?<![-\w])top|margin(?:-left|-top)?)\s*:\s*-\d{3,}")),
    ("clipped to nothing", re.compile(r"clip\s*:\s*rect\(\s*0|clip-path\s*:\s*inset\(\s*(?:50|100)%|scale\(\s*0\s*\)")),
)
_HINT = re2.compile(
    r"(?i)display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|opacity\s*:\s*0|"
    r"font(?:-size)?\s*:(?:[^;\"']{0,40}[^\d.#a-f])?0*[01](?:\.\d*)?(?:px|pt|em|rem|%)?\s*[;\"'!/}]|"
    r":\s*-\d{3,}|(?:height|width)\s*:\s*0(?:px)?\s*[;\"'!}]|\sclip\s*:|clip-path|scale\(\s*0|"
    r"<[a-z][a-z0-9]*\b[^>]*\shidden[\s>=/]|<font[^>]*\ssize\s*=\s*[\"']?0|"
    r"color\s*[:=]\s*[\"']?\s*(?:#f[c-f]f[c-f]f[c-f]\b|#fff\b|white\b|transparent\b|rgba?\(\s*25[0-5])|"
    r"background|bgcolor"
)
_NO_SIZE = re.compile(r"(?:height|width)\s*:\s*0(?:px)?\s*(?:;|$|!)")
_NO_OVERFLOW = re.compile(r"overflow\s*:\s*hidden")
_BRACE = re.compile(r"([{}])")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
# Selectors whose answer takes more than a look at an element and those above it: a state, a place among its like.
_DEAR = re.compile(r":|~(?!=)")
_PARTS, _NEXT = re.compile(r"[.#\[]"), re.compile(r"\s*([>+])\s*")
_COLOUR = re.compile(r"(?<![-\w])color\s*:\s*([^;!]+)")
_BACKGROUND = re.compile(r"background(?:-color)?\s*:\s*([^;!]+)")
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})\b")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})(?:\s*[,/]\s*([\d.]+))?")
_NAMED = {"white": (255, 255, 255), "black": (0, 0, 0), "snow": (255, 250, 250), "ivory": (255, 255, 240)}
_NAMED |= {"window": (255, 255, 255), "red": (255, 0, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}
_NAMED |= {"green": (0, 128, 0), "gray": (128, 128, 128), "grey": (128, 128, 128), "whitesmoke": (245, 245, 245)}
WHITE = (255, 255, 255)
# Looks at elements that all selectors together may take (half a second); what a look at all elements above takes, for
# each of the selector's blanks; and making a node of one that is found.
STEPS, ABOVE, FOUND = 100_000_000, 400, 200
LONG, CUT = 1000, 300

Colour = tuple[int, int, int]
Ground = tuple[Colour | None]
_T = TypeVar("_T")


def suspicious(source: str) -> bool:
    """True where some means of hiding may be in the source; most pages stop here."""
    return _HINT.search(source) is not None


def hidden_nodes(tree: LexborHTMLParser, styles: list[str], tags: int) -> list[tuple[LexborNode, str]]:
    """Each outermost hidden element with its reason. `tags`: about as many as the page has."""
    found: dict[int, tuple[LexborNode, str]] = {}
    for node, reason in (*_by_attribute(tree), *_by_rule(tree, styles, tags), *_by_colour(tree)):
        found.setdefault(node.mem_id, (node, reason))
    within = dict.fromkeys(found, True)
    return [(node, reason) for node, reason in found.values() if not _fromabove(node.parent, within, False, _nothing)]


def _fromabove(
    node: LexborNode | None, known: dict[int, _T], default: _T, own: Callable[[LexborNode], _T | None]
) -> _T:
    """What is `known` of the nearest element above that has it, or which `own` tells it; remembered for all passed."""
    passed: list[int] = []
    value: _T | None = None
    while node is not None and node.tag not in (None, "-undef"):
        value = known[node.mem_id] if node.mem_id in known else own(node)
        if value is not None:
            break
        passed.append(node.mem_id)
        node = node.parent
    answer = default if value is None else value
    known.update(dict.fromkeys(passed, answer))
    return answer


def _nothing(_: LexborNode) -> None:
    return None


def above(nodes: Iterable[LexborNode]) -> set[int]:
    """All elements that have one of `nodes` inside."""
    found: set[int] = set()
    for node in nodes:
        above = node.parent
        while above is not None and above.mem_id not in found:
            found.add(above.mem_id)
            above = above.parent
    return found


def _by_attribute(tree: LexborHTMLParser) -> Iterator[tuple[LexborNode, str]]:
    for node in tree.css("[hidden]"):
        yield node, "marked hidden"
    for node in tree.css('font[size="0"]'):
        yield node, "letters of no size"
    small: list[LexborNode] = []
    sized: list[LexborNode] = []
    for node in tree.css("[style]"):
        style = _style(node)
        reason = means(style)
        if reason == "letters of no size":
            small.append(node)
        elif reason:
            yield node, reason
        elif "font" in style:
            sized.append(node)
    # An element inside may set a size of its own: `font-size:0` on a layout cell hides nothing then.
    seen = above(sized) if small else set()
    yield from ((node, "letters of no size") for node in small if node.mem_id not in seen)


def _style(node: LexborNode) -> str:
    """An element's declarations, those too long cut."""
    return _cut((node.attributes.get("style") or "").lower())


def _cut(style: str) -> str:
    if len(style) <= LONG:
        return style
    return ";".join([" ".join(piece[: 10 * CUT].split())[:CUT] for piece in style.split(";")])


def means(style: str) -> str:
    """The reason for which a declaration block (lower case) hides an element, or ""."""
    for reason, expression in _MEANS:
        if expression.search(style):
            return reason
    return "clipped to nothing" if _NO_OVERFLOW.search(style) and _NO_SIZE.search(style) else ""


def _by_rule(tree: LexborHTMLParser, styles: list[str], tags: int) -> Iterator[tuple[LexborNode, str]]:
    left = STEPS
    asked: set[str] = set()
    for selector, reason in _hiding(styles):
        steps = tags * (1 + len(_PARTS.findall(selector))) * ABOVE ** selector.count(" ")
        if selector in asked or steps > left:
            continue
        asked.add(selector)
        left -= steps
        try:
            nodes = tree.css(selector)
        except (SelectolaxError, ValueError):
            continue
        left -= len(nodes) * FOUND
        yield from ((node, reason) for node in nodes if node.tag not in ("body", "html", "img"))


def _hiding(styles: list[str]) -> Iterator[tuple[str, str]]:
    """The selectors of rules that hide something."""
    for sheet in dict.fromkeys(styles):
        for selectors, block in _rules(_COMMENT.sub("", sheet[:200_000])):
            if reason := means(_cut(block.lower())):
                for selector in selectors.split(","):
                    if len(selector) < CUT and not _DEAR.search(selector):
                        yield _NEXT.sub(r"\1", " ".join(selector.split())), reason


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of each rule that stands in no at-rule."""
    opened: list[str] = []
    told, conditions = "", 0
    for piece in _BRACE.split(sheet):
        if piece == "{":
            opened.append(told.rpartition(";")[2])
            conditions += "@" in opened[-1]
        elif piece == "}":
            selectors = opened.pop() if opened else "@"
            if "@" not in selectors and not conditions:
                yield selectors, told
            conditions -= "@" in selectors and conditions > 0
        told = piece if piece not in {"{", "}"} else ""


def _by_colour(tree: LexborHTMLParser) -> Iterator[tuple[LexborNode, str]]:
    grounds: dict[int, Ground] = {}
    faint: list[tuple[LexborNode, str]] = []
    coloured: list[LexborNode] = []
    for node in tree.css('[style*="color"],font[color]'):
        given = _COLOUR.search(_style(node))
        if given:
            coloured.append(node)
        name = given[1] if given else (node.attributes.get("color") or "") if node.tag == "font" else ""
        if name.strip() == "transparent":
            yield node, "transparent"
            continue
        colour = _colour(name)
        if colour is None:
            continue
        (ground,) = _fromabove(node, grounds, (WHITE,), _own_ground)
        if ground is not None and _near(colour, ground):
            faint.append((node, "white on white" if _near(ground, WHITE) else "the colour of its background"))
    # Where an element inside has a colour of its own, its words are seen.
    seen = above(coloured) if faint else set()
    yield from ((node, reason) for node, reason in faint if node.mem_id not in seen)


def _near(one: Colour, other: Colour) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= 8


def _own_ground(node: LexborNode) -> Ground | None:
    """The background an element sets, (None,) where it is an image; None where it sets none."""
    style = _style(node)
    if found := _BACKGROUND.search(style):
        if "url(" in found[1] or "gradient" in found[1]:
            return (None,)
        if (colour := _colour(found[1])) is not None:
            return (colour,)
    attributes = node.attributes
    if attributes.get("background") or "background-image" in style:
        return (None,)
    colour = _colour(attributes.get("bgcolor") or "")
    return (colour,) if colour else None


def _colour(value: str) -> Colour | None:
    value = value.strip().lower()
    if found := _HEX.search(value):
        digits = found[1] if len(found[1]) == 6 else "".join(letter * 2 for letter in found[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if found := _RGB.search(value):
        if found[4] and float(found[4].strip(".") or 0) == 0:
            return None
        return int(found[1]), int(found[2]), int(found[3])
    return _NAMED.get(value.split()[0]) if value else None

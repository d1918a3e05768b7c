"""What a page keeps from its reader's eyes. Law: media rules do not count: a desktop reader sees that text.

Means told apart: display, visibility, size, opacity, colour on colour, place off the screen, `hidden`, `mso-hide`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
    (
        "clipped to nothing",
        re.compile(r"(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;|$|!)(?=.*overflow\s*:\s*hidden)"),
    ),
    ("clipped to nothing", re.compile(r"overflow\s*:\s*hidden.*(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;|$|!)")),
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
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_MEDIA = re.compile(
    r"@[a-z-]+[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|@import[^;]*;|/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL
)
_COLOUR = re.compile(r"(?<![-\w])color\s*:\s*([^;!]+)")
_BACKGROUND = re.compile(r"background(?:-color)?\s*:\s*([^;!]+)")
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})\b")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})(?:\s*[,/]\s*([\d.]+))?")
_NAMED = {"white": (255, 255, 255), "black": (0, 0, 0), "snow": (255, 250, 250), "ivory": (255, 255, 240)}
_NAMED |= {"window": (255, 255, 255), "red": (255, 0, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}
_NAMED |= {"green": (0, 128, 0), "gray": (128, 128, 128), "grey": (128, 128, 128), "whitesmoke": (245, 245, 245)}
WHITE = (255, 255, 255)
SELECTORS = 200
CLIMB = 60

Colour = tuple[int, int, int]


def suspicious(source: str) -> bool:
    """True where some means of hiding may be in the source; most pages stop here."""
    return _HINT.search(source) is not None


def hidden_nodes(tree: LexborHTMLParser, styles: list[str]) -> Iterator[tuple[LexborNode, str]]:
    """Each outermost hidden element with its reason. The caller takes it out before asking for the next."""
    taken: set[int] = set()
    for node, reason in [*_by_attribute(tree), *_by_rule(tree, styles), *_by_colour(tree)]:
        if not _inside(node, taken):
            taken.add(node.mem_id)
            yield node, reason


def _inside(node: LexborNode, taken: set[int]) -> bool:
    """True where the node or one above it was taken already; its memory may be given up, so ids alone are used."""
    above: LexborNode | None = node
    for _ in range(CLIMB * 8):
        if above is None:
            return False
        if above.mem_id in taken:
            return True
        above = above.parent
    return False


def _by_attribute(tree: LexborHTMLParser) -> Iterator[tuple[LexborNode, str]]:
    for node in tree.css("[hidden]"):
        yield node, "marked hidden"
    for node in tree.css('font[size="0"]'):
        yield node, "letters of no size"
    for node in tree.css("[style]"):
        reason = means(node.attributes.get("style") or "")
        if reason and (reason != "letters of no size" or not _resized(node)):
            yield node, reason


def _resized(node: LexborNode) -> bool:
    """True where an element inside sets a size of its own: `font-size:0` on a layout cell hides nothing then."""
    return any(
        "font" in (inner.attributes.get("style") or "").lower() and not means(inner.attributes.get("style") or "")
        for inner in node.css("[style]")[:CLIMB]
        if inner.mem_id != node.mem_id
    )


def means(style: str) -> str:
    """The reason for which a declaration block hides an element, or ""."""
    style = style.lower()
    for reason, expression in _MEANS:
        if expression.search(style):
            return reason
    return ""


def _by_rule(tree: LexborHTMLParser, styles: list[str]) -> Iterator[tuple[LexborNode, str]]:
    asked = 0
    for sheet in styles:
        for selectors, block in _RULE.findall(_MEDIA.sub("", sheet[:200_000])):
            if (reason := means(block)) and asked < SELECTORS:
                asked += 1
                try:
                    nodes = tree.css(selectors.strip())
                except (SelectolaxError, ValueError):
                    continue
                for node in nodes:
                    if node.tag not in ("body", "html", "img"):
                        yield node, reason


def _by_colour(tree: LexborHTMLParser) -> Iterator[tuple[LexborNode, str]]:
    for node in tree.css('[style*="color"],font[color]'):
        style = (node.attributes.get("style") or "").lower()
        given = _COLOUR.search(style)
        name = given[1] if given else (node.attributes.get("color") or "") if node.tag == "font" else ""
        if not name:
            continue
        if name.strip() == "transparent":
            yield node, "transparent"
            continue
        colour, ground = _colour(name), _ground(node)
        if colour is None or ground is None or not _near(colour, ground):
            continue
        if not any(_COLOUR.search((inner.attributes.get("style") or "").lower()) for inner in _within(node)):
            yield node, "white on white" if _near(ground, WHITE) else "the colour of its background"


def _within(node: LexborNode) -> list[LexborNode]:
    return [inner for inner in node.css("[style]")[:CLIMB] if inner.mem_id != node.mem_id]


def _near(one: Colour, other: Colour) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= 8


def _ground(node: LexborNode) -> Colour | None:
    """The background behind a node: the nearest one set above it, white by default, None where it is an image."""
    above: LexborNode | None = node
    for _ in range(CLIMB):
        if above is None or above.tag in (None, "-undef"):
            break
        attributes = above.attributes
        style = (attributes.get("style") or "").lower()
        if found := _BACKGROUND.search(style):
            if "url(" in found[1] or "gradient" in found[1]:
                return None
            if (colour := _colour(found[1])) is not None:
                return colour
        if attributes.get("background") or "background-image" in style:
            return None
        if colour := _colour(attributes.get("bgcolor") or ""):
            return colour
        above = above.parent
    return WHITE


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

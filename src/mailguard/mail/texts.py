"""A body parted into layers: new words, quoted thread, forwarded mail, signature, disclaimer.

Law: every line lands in exactly one layer, and a doubtful line is NEW: only NEW words are held against the sender.
Forms: Outlook, Exchange and mobile, Gmail, Apple Mail, Thunderbird, Yahoo; English, Welsh, and some neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailguard.mail.contents import Layer
from mailguard.mail.html import CLOSE, FORWARD, QUOTE, SIGNED
from mailguard.mail.texts_tail import Tail

_MARKS = frozenset((QUOTE, FORWARD, SIGNED, CLOSE))
# "On 3 May 2022, at 10:01, Jo <jo@example.org> wrote:", over at most three lines.
_WROTE = re.compile(
    r"^(?:on|ar|am|le|el|il|op)\b.{6,300}\b(?:wrote|writes|(?:h)?ysgrifennodd|ysgrifennwyd|schrieb|a écrit|"
    r"escribió|ha scritto|schreef)\b.{0,120}:$|^.{3,160}\b(?:wrote|writes|(?:h)?ysgrifennodd|schrieb):$",
    re.IGNORECASE,
)
_WROTE_START = re.compile(r"^(?:on|ar|am|le)\s+(?=.{0,60}\d)", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"^[\s>]*-{2,}\s*(?:original (?:message|appointment)|neges wreiddiol|y neges wreiddiol|ursprüngliche nachricht)"
    r"\s*-{0,}\s*$",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"^\s*(?:-{2,}\s*(?:forwarded (?:message|by\b.{0,80})|neges a anfonwyd ymlaen|neges wedi'i hanfon ymlaen)\s*-*"
    r".{0,80}|begin forwarded message:?|dechrau'r neges a anfonwyd ymlaen:?|start of forwarded message:?)\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"^\W{0,3}(?:from|oddi wrth|o|sent by)\W{0,3}:\W{0,3}\s*\S", re.IGNORECASE)
_HEADER = re.compile(
    r"^\W{0,3}(?:from|oddi wrth|sent|date|anfonwyd|dyddiad|to|at|i|subject|pwnc|testun|cc|bcc|copi|reply-to|importance|"
    r"pwysigrwydd|attachments|atodiadau|when|where)\W{0,3}:",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"^\W{0,3}(?:subject|pwnc|testun)\W{0,3}:\s*(.*)", re.IGNORECASE)
FORWARD_SUBJECT = re.compile(r"^\s*(?:fwd?|ymlaen|ym|wg)\s*:", re.IGNORECASE)
REPLY_SUBJECT = re.compile(r"^\s*(?:re|atb|ateb|aw|sv)\s*(?:\[\d+\])?:", re.IGNORECASE)
_QUOTED = re.compile(r"^\s{0,3}>(?!From )|^\s{0,2}\|\s")
_STRIP = re.compile(r"^(?:\s{0,3}[>|]\s?)+")
HEADER_LINES = 9
# First letters of separators, header fields and attributions in any of the languages above.
_OPENERS = frozenset("abdefilosABDEFILOS")
LONG = 64


@dataclass(frozen=True)
class Thread:
    """What the header says of the mail: whether it answers (In-Reply-To, References, Re:) or forwards (Fw:)."""

    reply: bool = False
    forward: bool = False

    @property
    def quoted(self) -> Layer:
        """The layer of others' words: what is quoted in a mail that answers nothing was put there to be passed on."""
        return Layer.QUOTED if self.reply and not self.forward else Layer.FORWARDED


def split(text: str, thread: Thread = Thread(reply=True)) -> dict[Layer, str]:
    """The lines of a body by layer, in order, runs of one layer joined. `text` may hold the marks of `html.read`."""
    found: dict[Layer, list[str]] = {}
    last: Layer | None = None
    for layer, line in _Splitter(text.replace("\r\n", "\n").split("\n"), thread).lines():
        if layer is not last and (kept := found.get(layer)) and kept[-1]:
            kept.append("")
        found.setdefault(layer, []).append(line)
        last = layer
    joined = {layer: "\n".join(kept).strip() for layer, kept in found.items()}
    return {layer: content for layer, content in joined.items() if content}


def _harmless(line: str) -> bool:
    """True where no mark, quote, separator, header field or attribution begins: told by its first and last sign."""
    first = line[0]
    return first not in _OPENERS and first.isalnum() and line[-1] != ":"


class _Splitter:
    """One pass over the lines: `_stack` the open HTML layers, `_rest` the layer of all that follows a header block."""

    def __init__(self, lines: list[str], thread: Thread) -> None:
        self._lines, self._thread = lines, thread
        self._stack: list[Layer] = []
        self._rest: Layer | None = None
        self._tail = Tail()

    def lines(self) -> Iterator[tuple[Layer, str]]:
        """Each line with its layer, marks and attributions given to the layer they open."""
        at, tail, lines = 0, self._tail, self._lines
        while at < len(lines):
            line = lines[at]
            # Most lines of a mail: its writer's, of a letter that can open nothing else. A line that runs on in a
            # paragraph cannot even begin a signature if it is long.
            if self._rest is None and not self._stack and (not line or _harmless(line)):
                yield (Layer.NEW if len(line) > LONG and tail.running else tail.layer(lines, at)), line
                at += 1
                continue
            if line and line[0] in _MARKS:
                self._mark(line[0])
                at += 1
                continue
            taken = self._opens(at) if line and self._rest is not Layer.FORWARDED else 0
            if taken:
                yield from ((self._outer(), text) for text in lines[at : at + taken] if text[:1] not in _MARKS)
                at += taken
                continue
            yield self._layer(at, line)
            at += 1

    def _mark(self, mark: str) -> None:
        self._tail.reset()
        if mark == CLOSE:
            if self._stack:
                self._stack.pop()
        elif mark == FORWARD:
            self._rest = self._rest or self._thread.quoted
        else:
            self._stack.append(Layer.SIGNATURE if mark == SIGNED else self._outer_quote())

    def _outer_quote(self) -> Layer:
        return Layer.FORWARDED if Layer.FORWARDED in self._stack else self._thread.quoted

    def _outer(self) -> Layer:
        return self._rest or (self._stack[-1] if self._stack else self._thread.quoted)

    def _layer(self, at: int, line: str) -> tuple[Layer, str]:
        if self._rest is not None:
            return self._rest, _STRIP.sub("", line)
        if self._stack:
            return self._stack[-1], _STRIP.sub("", line)
        if (">" in line[:4] or "|" in line[:3]) and _QUOTED.match(line):
            self._tail.reset()
            return self._thread.quoted, _STRIP.sub("", line)
        return self._tail.layer(self._lines, at), line

    def _opens(self, at: int) -> int:
        """How many lines from `at` open others' words (0: none); sets the layer of what follows."""
        line = self._lines[at]
        first = line.lstrip(" \t*_>")[:1].lower()
        if first in {"-", "b", "s", "d"}:
            if _FORWARDED.match(line):
                # Inside a quoted thread it is somebody else who forwarded.
                self._rest = self._rest or Layer.FORWARDED
                return 1
            if first == "-" and _ORIGINAL.match(line):
                self._rest = self._rest or self._thread.quoted
                return 1
        if first in "fos" and self._rest is None and _FROM.match(line) and (taken := self._block(at)):
            return taken
        if self._rest is None and (line.endswith(":") or first in "oal"):
            return self._attribution(at)
        return 0

    def _block(self, at: int) -> int:
        """Outlook's header block: From, then at least two more of its fields in the next lines."""
        fields, subject, taken = 0, "", 0
        for offset in range(1, HEADER_LINES):
            if at + offset >= len(self._lines):
                break
            line = self._lines[at + offset]
            if _HEADER.match(line):
                fields, taken = fields + 1, offset + 1
                if found := _SUBJECT.match(line):
                    subject = found[1]
            elif line.strip() and not line.startswith((" ", "\t")) and fields >= 2:
                break
        if fields < 2:
            return 0
        del subject
        self._rest = self._thread.quoted
        return taken

    def _attribution(self, at: int) -> int:
        """`On ... wrote:` on one line or up to three; what follows is quoted by `>` or is all that is left."""
        line = self._lines[at].strip()
        taken = 0
        if line.endswith(":") and len(line) < 500 and _WROTE.match(line):
            taken = 1
        elif _WROTE_START.match(line):
            for more in (2, 3):
                joined = " ".join(part.strip() for part in self._lines[at : at + more])
                if joined.endswith(":") and len(joined) < 500:
                    taken = more if _WROTE.match(joined) else 0
                    break
        if not taken:
            return 0
        following = next((text for text in self._lines[at + taken :] if text.strip()), "")
        if following[:1] == QUOTE or _QUOTED.match(following):
            # The quote has marks of its own: words after it may be new again.
            return taken if not self._stack else 0
        if not following or self._stack:
            return taken
        self._rest = self._thread.quoted
        return taken

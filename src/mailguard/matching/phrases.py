"""Turns a word list into one expression. Law: a line is a phrase as people write it, not a program.

In a line, a blank stands for any white space, a `*` after a blank for up to three words, `(a|b)` for a choice;
`?` after a letter, a choice or a blank makes it optional; `{name}` is replaced by what the caller gives for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import re2

NEVER = r"\z."
MAX_MEMORY = 64 * 1024 * 1024
_WILD = re.compile(r" \*\s*")
# A group that captures costs some microseconds at each match, and nobody asks for it.
_GROUP = re.compile(r"(?<!\\)\((?!\?)")


def phrases(lines: Iterable[str], slots: Mapping[str, str] | None = None) -> str:
    """One RE2 alternation of all phrases at word boundaries; `NEVER` where there are none."""
    made = [_phrase(line.strip(), slots or {}) for line in lines]
    return rf"(?:{'|'.join(made)})" if made else NEVER


def compiled(lines: Iterable[str], slots: Mapping[str, str] | None = None) -> re2._Regexp:
    """The same, compiled by itself: for texts that the one pass does not see."""
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    return re2.compile(phrases(lines, slots), options)


def _phrase(line: str, slots: Mapping[str, str]) -> str:
    for name, value in slots.items():
        line = line.replace("{" + name + "}", value)
    first = r"\b" if line[:1].isalnum() or line[:1] == "(" else ""
    last = r"\b" if line[-1:].isalnum() or line[-1:] in ")?" else ""
    body = _WILD.sub(" (?:[^ ]+ ){0,3}", _GROUP.sub("(?:", line)).replace(" ?", r"\s*")
    return first + body.replace("[^ ]", r"\S").replace(" ", r"\s+") + last

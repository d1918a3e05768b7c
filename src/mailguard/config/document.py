"""One TOML file with the places of its keys. Law: a file that cannot be read says why, with line and column."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mailguard.config.faults import Fault, dotted, explain, unread
from mailguard.config.places import Loc, Places
from mailguard.mail.errors import ConfigError

M = TypeVar("M", bound=BaseModel)

_MEND = (
    ("Invalid value", 'write a text in quotes ("..."), a number, true, false, a date or a [list]'),
    ("Invalid date", "write a date like 2026-05-07"),
    ("Illegal character", 'end the text with " on its own line, and leave out control characters'),
    ("Unterminated string", "end the text with its quotation mark"),
    ("Unescaped", "write \\\\ for a backslash, or the text in single quotes"),
    ("Invalid hex", "write \\\\ for a backslash, or the text in single quotes"),
    ("Escaped", "write \\\\ for a backslash, or the text in single quotes"),
    ("Expected newline", "write one key = value a line, a text in quotes, a number without a leading zero"),
    ("Expected '='", "write key = value"),
    ("Expected ']", "write [table] or [[table]] on a line of its own"),
    ("Unclosed array", "end the list with ]"),
    ("Unclosed inline", "end the table with }"),
    ("Invalid initial", "write a key of letters, digits, - and _, and { ... } on one line"),
    ("Invalid statement", "write [table] or key = value"),
    ("Found invalid", "leave that character out"),
    ("Cannot", "it stands there twice: keep one"),
    ("Duplicate", "it stands there twice: keep one"),
)
"""What mends a syntax error, by the beginning of the parser's own words."""

_AT = re.compile(r"^(.*) \(at line (\d+), column (\d+)\)$", re.DOTALL)


@dataclass
class Document:
    """`data` as parsed; `faults` gathers what is found wrong in this file, or in what `given` names for a key."""

    path: Path
    data: dict[str, Any]
    places: Places
    faults: list[Fault] = field(default_factory=list)
    given: dict[tuple[str, ...], str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Document:
        """Raises ConfigError where the file is absent, is not UTF-8, or is not TOML."""
        try:
            text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
            data = tomllib.loads(text)
        except OSError as error:
            raise ConfigError([f"{path}: {unread(error)}"]) from None
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise ConfigError([f"{path}:{line}: is not UTF-8 text; save the file as UTF-8"]) from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError([str(_syntax(path, str(error), text))]) from None
        return cls(path, data, Places(text))

    def fault(self, loc: Loc, what: str) -> None:
        """Record an error at a key of this file."""
        where = f"{dotted(loc)}: " if loc else ""
        other = self.given.get(tuple(str(item) for item in loc))
        place, line = (other, 0) if other else (str(self.path), self.places.line(loc))
        self.faults.append(Fault(place, line, f"{where}{what}"))

    def validate(self, model: type[M], data: Any, loc: Loc = (), context: Any = None) -> M | None:
        """`data` (found at `loc`) as a model; None where it has faults, which are recorded."""
        try:
            return model.model_validate(data, context=context)
        except ValidationError as error:
            for item in error.errors(include_url=False):
                if item["type"] == "too_short" and item["input"]:
                    continue  # the items were wrong, and are told of one by one
                inner, what = explain(item, model, data)
                self.fault((*loc, *inner), what)
            return None


def _syntax(path: Path, message: str, text: str) -> Fault:
    mend = next((f"; {mend}" for begin, mend in _MEND if message.startswith(begin)), "")
    match = _AT.match(message)
    if match:
        return Fault(str(path), int(match[2]), f"column {match[3]}: {match[1]}{mend}")
    end = message.replace(" (at end of document)", " at the end of the file")
    return Fault(str(path), text.count("\n") + 1, f"{end}{mend}")

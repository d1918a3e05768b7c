"""What is wrong in a file, said so that it can be mended. Law: `file:line: where.key: what, and the fix`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from mailguard.config.places import Loc

_TYPES = {
    "string_type": 'write a text in quotes: key = "..."',
    "int_type": "write a whole number without quotes",
    "int_parsing": "write a whole number without quotes",
    "int_from_float": "write a whole number",
    "float_type": "write a number without quotes",
    "bool_type": "write true or false, without quotes",
    "bool_parsing": "write true or false, without quotes",
    "tuple_type": 'write a list: ["...", "..."]',
    "list_type": 'write a list: ["...", "..."]',
    "dict_type": "write a table: [name] and its keys below it",
    "model_type": "write a table: [name] and its keys below it, or { key = value }",
    "date_type": "write a date without quotes: 2026-05-07",
    "date_parsing": "write a date without quotes: 2026-05-07",
    "date_from_datetime_parsing": "write a date without quotes: 2026-05-07",
}

_BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}
_UNITS = re.compile(r"[\d.\s]+(?:(m?s|m|h|d)|([kKMG]?B))\s*")


@dataclass(frozen=True, order=True)
class Fault:
    """One error. `line` 0 stands for a whole file (a missing one, a folder)."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what}"


def unread(error: OSError) -> str:
    """Why a file cannot be read, and what mends that."""
    mend = "run it as a user who may" if isinstance(error, PermissionError) else "give the right path"
    return f"cannot be read: {error.strerror}; {mend}"


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?` where one of the known words is near, else the words that are right."""
    words = sorted(set(known))
    folded = {item.lower(): item for item in words}
    near = difflib.get_close_matches(word.lower(), folded, 1, 0.6)
    if near:
        return f'; did you mean "{folded[near[0]]}"?'
    return f"; write one of {', '.join(words)}" if words else ""


def dotted(loc: Loc) -> str:
    """`("clause", 2, "what", "recipients")` -> `clause[3].what.recipients`; people count from one."""
    text = ""
    for item in loc:
        text += f"[{item + 1}]" if isinstance(item, int) else f".{item}" if text else item
    return text


def explain(error: ErrorDetails, model: type[BaseModel], data: Any) -> tuple[Loc, str]:
    """Where a validation error of `data` is, and what to do about it, in the house's words."""
    loc, kind = _clean(error["loc"]), error["type"]
    context: Mapping[str, Any] = error.get("ctx", {})
    if kind == "extra_forbidden":
        return loc, f"unknown key{nearest(str(loc[-1]), fields_at(model, loc[:-1])) or '; leave it out'}"
    if kind == "too_short":
        return loc, "is empty; give at least one"
    if kind == "missing":
        form = f"[{dotted(loc)}] and its keys below it" if fields_at(model, loc) else f"{loc[-1]} = ..."
        return loc, f"is missing; it is required: write {form}"
    if kind in ("literal_error", "enum"):
        words = [word.strip(" '") for word in str(context.get("expected", "")).replace(" or ", ", ").split(",")]
        return loc, f'"{error["input"]}" is no such value{nearest(str(error["input"]), words)}'
    if kind == "string_pattern_mismatch":
        return loc, f'"{error["input"]}" has not the form {context["pattern"]}'
    if kind in _BOUNDS:
        return loc, _bound(*_BOUNDS[kind], context, _written(data, loc, error["input"]))
    if kind == "value_error":
        return loc, str(context["error"])
    if kind in _TYPES:
        return loc, f"{_TYPES[kind]}, not {_shown(error['input'])}"
    return loc, f"{error['msg'][:1].lower()}{error['msg'][1:]}, not {_shown(error['input'])}"


def _bound(words: str, key: str, context: Mapping[str, Any], written: object) -> str:
    """In the unit's own base, as the value was compared: `must be less than 100s, not 200s`."""
    unit = _UNITS.fullmatch(str(written))
    return f"must be {words} {context[key]:g}{('s' if unit[1] else 'B') if unit else ''}, not {written}"


def _written(data: Any, loc: Loc, otherwise: object) -> object:
    """What the operator wrote at `loc`; a unit is turned into a number before a bound is looked at."""
    for item in loc:
        try:
            data = data[item]
        except (KeyError, IndexError, TypeError):
            return otherwise
    return data


def fields_at(model: type[BaseModel], loc: Loc) -> set[str]:
    """The keys a table at `loc` may have; empty where the model leaves them open."""
    here: Any = model
    for item in loc:
        if isinstance(here, type) and issubclass(here, BaseModel) and item in here.model_fields:
            here = _inner(here.model_fields[str(item)].annotation)
    return set(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else set()


def _inner(annotation: Any) -> Any:
    """The model inside `tuple[M, ...]`, `dict[str, M]`, `M | None` or `Annotated[M, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if (found := _inner(argument)) is not None:
            return found
    return None


def _clean(loc: tuple[int | str, ...]) -> Loc:
    return tuple(item for item in loc if isinstance(item, int) or not item.startswith(("function-", "tuple[")))


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."

"""Word lists: plain text, and TOML tables, beside the presets. Law: a list in the operator's folder replaces ours.

A `.txt` file holds one entry a line; blank lines and lines that begin with `#` are left out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mailguard.config.faults import Fault

Words = dict[str, tuple[str, ...]]
Data = dict[str, Mapping[str, Any]]


def read_lists(folders: list[Path]) -> tuple[Words, Data, list[Fault]]:
    """Lists by file name without ending; later folders win. Faults name files that cannot be read."""
    words: Words = {}
    data: Data = {}
    faults: list[Fault] = []
    for folder in folders:
        for path in sorted(folder.glob("*")):
            try:
                if path.suffix == ".txt":
                    words[path.stem] = _entries(path.read_text("utf-8"))
                elif path.suffix == ".toml":
                    data[path.stem] = tomllib.loads(path.read_text("utf-8"))
            except UnicodeDecodeError:
                faults.append(Fault(str(path), 1, "is not UTF-8 text; save the file as UTF-8"))
            except tomllib.TOMLDecodeError as error:
                faults.append(Fault(str(path), 1, f"is not TOML: {error}"))
            except OSError as error:
                faults.append(Fault(str(path), 0, f"cannot be read: {error.strerror}"))
    return words, data, faults


def _entries(text: str) -> tuple[str, ...]:
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))

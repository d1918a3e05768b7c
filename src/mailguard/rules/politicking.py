"""Sees the tone of politicking: grandstanding, egocentric, personalised (POL-10).

Law: a prompt to a person, never enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from mailguard.rules._political import Political


class Politicking(Political):
    """Always LOW, and the judge gives it little weight."""

    name = "politicking"
    source = "Southampton D5 (POL-10, POL-11)"
    lists: ClassVar[Mapping[str, str]] = {"tone": "politicking"}
    says: ClassVar[Mapping[str, str]] = {"tone": "A tone of politicking: personal credit, or scorn of others."}
    hits: ClassVar[tuple[str, ...]] = (
        "The crossing is here thanks to my efforts.",
        "Stop playing politics with our park.",
    )
    misses: ClassVar[tuple[str, ...]] = ("I have asked the officer to ring you.",)

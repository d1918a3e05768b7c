"""Sees party slogans and hashtags. Law: weak evidence, the same for every party."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from mailguard.rules._political import Political


class Slogan(Political):
    """Slogans from `slogans.txt`, hashtags from the parties' file."""

    name = "slogan"
    source = "Lancashire s6c; Manchester s3.1 (POL-1, POL-4)"
    gate = (
        r"#\w|\b(?:for the many|control|brexit|boats|change|stable|forward|winning|time|fair|side|enough|great again|"
        r"vote count|stand|working for|not just|together|independence|needs|issue|message|let's|fight|dros|"
        r"bryd|better|for a)\b"
    )
    lists: ClassVar[Mapping[str, str]] = {"slogan": "slogans", "hashtag": "hashtags"}
    says: ClassVar[Mapping[str, str]] = {"slogan": "A campaign slogan.", "hashtag": "A party's hashtag."}
    hits: ClassVar[tuple[str, ...]] = ("For the many, not the few!", "See you there #VoteGreen #SNP")
    misses: ClassVar[tuple[str, ...]] = ("The agenda for Thursday is attached.", "Hash #4 is broken.")

"""Sees party slogans and hashtags. Law: weak evidence, the same for every party."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from mailguard.rules._political import Political


class Slogan(Political):
    """Slogans from `slogans.txt`, hashtags from the parties' file."""

    name = "slogan"
    source = "Lancashire s6c; Manchester s3.1 (POL-1, POL-4)"
    lists: ClassVar[Mapping[str, str]] = {"slogan": "slogans", "hashtag": "hashtags"}
    says: ClassVar[Mapping[str, str]] = {"slogan": "A campaign slogan.", "hashtag": "A party's hashtag."}
    hits: ClassVar[tuple[str, ...]] = ("For the many, not the few!", "See you there #VoteGreen #SNP")
    misses: ClassVar[tuple[str, ...]] = ("The agenda for Thursday is attached.", "Hash #4 is broken.")

    @property
    def patterns(self) -> Mapping[str, str]:
        """Slogans, or any hashtag: whose it is, the neutral form tells."""
        return {"gate": rf"{super().patterns['gate']}|#\w"}

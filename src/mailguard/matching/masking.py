"""Masked excerpts and fingerprints. Law: what a person may see of a match hides most of it (design law 8)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass


def mask(text: str, keep: int = 2) -> str:
    """Letters and digits but the last `keep` become `•`; blanks and punctuation stay: `••• ••• ••19`."""
    left = sum(character.isalnum() for character in text) - keep
    out = []
    for character in text:
        if character.isalnum() and left > 0:
            out.append("•")
            left -= 1
        else:
            out.append(character)
    return "".join(out)


@dataclass(frozen=True)
class Fingerprints:
    """A keyed hash: equal for equal things, and of no use without the key."""

    key: bytes

    def of(self, *things: str) -> str:
        """32 hex digits of HMAC-SHA-256 over the sorted things."""
        joined = "\0".join(sorted(things)).encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, joined, "sha256").hex()[:32]

"""What the model sees of a text: words, pairs of words, meaning, style, and what the evidence rules found.

Law: it is given neutral text (see `judge.neutral`), and nothing else that names anybody; training and judging see by
this one function.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import numpy as np

from mailguard.judge.meaning import Meaning
from mailguard.judge.speech import Vector, speech
from mailguard.judge.style import STYLES, sides, style, voice

BUCKETS = 1 << 14
# In a text of more words than this each thing found counts for less: a long report names parties often.
USUAL = 200
# So many numbers of the meaning, the first and so those that tell most, have products.
_FIRST = 32


@dataclass(frozen=True)
class Features:
    """One text as numbers."""

    grams: Mapping[int, float]
    meaning: Vector
    style: Vector
    voice: Vector
    cues: Vector

    @property
    def levels(self) -> Vector:
        """What products are made of: style, that of what the writer says himself, and meaning."""
        return np.concatenate([self.style, self.voice[: len(STYLES)], self.meaning[:_FIRST]])


def features(
    neutral: str, evidence: Mapping[str, int], named: Collection[int], names: tuple[str, ...], table: Meaning
) -> Features:
    """What is seen of one text; `named` has a count for each party named, `names` says what evidence has a column."""
    said = speech(neutral)
    words = said.words
    counted = {**evidence, "PARTY": words.count("partyname"), "LEADER": words.count("partyleader")}
    share = min(1.0, USUAL / max(1, len(words)))
    shares = style(words)
    styles = np.concatenate([shares, sides(named)])
    return Features(grams(words), table.of(words), styles, voice(said, shares), cues(counted, names, share))


@lru_cache(maxsize=1 << 15)
def bucket(gram: str) -> int:
    """The column of a word or a pair of words."""
    return crc32(gram.encode()) % BUCKETS


def grams(words: list[str]) -> dict[int, float]:
    """Column to weight: 1 + log of the count, scaled to unit length, so that long texts weigh as short ones."""
    counts = Counter(map(bucket, (*words, *map(" ".join, pairwise(words)))))
    weights = {column: 1.0 + math.log(count) for column, count in counts.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {column: weight / length for column, weight in weights.items()}


def cues(evidence: Mapping[str, int], names: tuple[str, ...], share: float) -> Vector:
    """How often each kind of evidence was found in the usual number of words, damped: log(1 + count)."""
    return np.array([math.log1p(share * evidence.get(name, 0)) for name in names], np.float32)

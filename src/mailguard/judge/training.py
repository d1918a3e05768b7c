"""Trains the head by ridge logistic regression in its dual form. Law: the same texts give the same weights.

The sample is small and the columns many, so the dual (one coefficient a text) is solved by Newton's steps.
Cross-validation leaves out whole sources, never single texts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from mailguard.judge.core import SECOND
from mailguard.judge.features import BUCKETS, features
from mailguard.judge.meaning import Meaning, load_meaning
from mailguard.judge.model import Model
from mailguard.judge.speech import Vector
from mailguard.judge.style import pairs

Matrix = npt.NDArray[np.float64]
RIDGE = 2.0
STEPS = 12
# How much each kind of feature counts in the sum of products; chosen by cross-validation over sources.
SCALES = {"grams": 8.0, "meaning": 1.0, "cues": 1.0, "style": 1.0, "voice": 1.0, "pairs": 10.0}
# These are scaled to unit spread in each column, and to unit length in all.
_SCALED = ("style", "voice", "pairs")
_CENTRED = (*_SCALED, "cues")
_LEAST = 1e-3
OWN = "own"
WHOLE = "whole"
# The sum of weights of each label. Our own specimens are of every kind and so outweigh the data, which are of few
# sources: with equal weights recall on sources never seen falls by six points.
SHARES = {True: 1000, False: 150}


@dataclass(frozen=True)
class Example:
    """A text in neutral form with the evidence found in it.

    `source` is a heap of documents, `repository` what they come from; cross-validation leaves out either as one.
    `bonus` is what the rule adds to the model's score (see `rules.party_political`).
    `baseline` is what a word list sees: 1 a party's name, 2 an appeal, 3 both.
    `core` is what is judged beside the whole (see `judge.core`), and never learned from.
    `named` is how often each party is named.
    """

    id: str
    neutral: str = field(repr=False)
    evidence: Mapping[str, int]
    political: bool
    source: str
    repository: str = ""
    kind: str = ""
    grounded: bool = True
    bonus: float = 0.0
    baseline: int = 0
    core: str = field(default="", repr=False)
    named: tuple[int, ...] = ()

    @property
    def family(self) -> str:
        """The source without the number of its heap."""
        return self.source.rpartition(" ")[0] or self.source

    @property
    def groups(self) -> Mapping[str, str]:
        """What is left out with this text, by the way of cross-validation."""
        label = "political" if self.political else "other"
        return {
            "documents": self.source,
            "sources": self.repository or self.source,
            "kinds": f"{label} {self.kind.partition('_')[0]}" if self.source != OWN else OWN,
        }


@dataclass(frozen=True)
class Design:
    """The examples as matrices, one row each; below them the cores of some, and `cores` says of which."""

    examples: tuple[Example, ...]
    cores: tuple[int, ...]
    names: tuple[str, ...]
    parts: Mapping[str, Matrix]
    centres: Mapping[str, Vector]
    spreads: Mapping[str, Vector]
    middle: Vector
    spread: Vector

    @property
    def products(self) -> Matrix:
        """The sum of products of every two rows."""
        size = len(self.examples) + len(self.cores)
        total = np.zeros((size, size))
        for name, part in self.parts.items():
            total += SCALES[name] * (part @ part.T)
        return total


def design(examples: Sequence[Example], table: Meaning | None = None) -> Design:
    """Rows of words, meaning, style and voice and pairs (scaled to unit spread) and evidence (centred)."""
    table = table or load_meaning()
    names = (*sorted({name for item in examples for name in item.evidence}), "PARTY", "LEADER")
    cores = tuple(row for row, item in enumerate(examples) if item.core)
    texts = [(item.neutral, item) for item in examples] + [(examples[row].core, examples[row]) for row in cores]
    seen = [features(neutral, item.evidence, item.named, names, table) for neutral, item in texts]
    learned = len(examples)
    columns = np.zeros((len(seen), BUCKETS))
    for row, item in enumerate(seen):
        columns[row, list(item.grams.keys())] = list(item.grams.values())
    levels = np.array([item.levels for item in seen])
    middle, spread = levels[:learned].mean(0), np.maximum(levels[:learned].std(0), _LEAST)
    raw = {
        "grams": columns,
        "meaning": np.array([item.meaning for item in seen], float),
        "cues": np.array([item.cues for item in seen], float),
        "style": np.array([item.style for item in seen], float),
        "voice": np.array([item.voice for item in seen], float),
        "pairs": np.array([pairs(row, middle, spread) for row in levels], float),
    }
    centres = {name: np.zeros(part.shape[1]) for name, part in raw.items()}
    spreads = {name: np.ones(part.shape[1]) for name, part in raw.items()}
    for name in _CENTRED:
        centres[name] = raw[name][:learned].mean(0)
    for name in _SCALED:
        spreads[name] = np.maximum(raw[name][:learned].std(0), _LEAST) * np.sqrt(raw[name].shape[1])
    parts = {name: (part - centres[name]) / spreads[name] for name, part in raw.items()}
    return Design(tuple(examples), cores, names, parts, centres, spreads, middle, spread)


def weights_of(examples: Sequence[Example]) -> Matrix:
    """Our own specimens and the data have their shares, each label the same, and a source by the root of its size."""
    sizes = Counter((item.family, item.political) for item in examples)
    made = np.array([1 / math.sqrt(sizes[item.family, item.political]) for item in examples])
    for own in (True, False):
        for political in (True, False):
            rows = [n for n, item in enumerate(examples) if (item.source == OWN, item.political) == (own, political)]
            if rows:
                made[rows] *= SHARES[own] / made[rows].sum()
    return made


def solve(products: Matrix, labels: Matrix, weights: Matrix) -> tuple[Matrix, float]:
    """Coefficients of the rows, and the bias (iteratively reweighted least squares)."""
    count = len(labels)
    rows, bias = np.zeros(count), 0.0
    system = np.ones((count + 1, count + 1))
    system[count, count] = 0
    for _ in range(STEPS):
        scores = np.clip(products @ rows + bias, -30, 30)
        chances = 1 / (1 + np.exp(-scores))
        curve = weights * chances * (1 - chances) + 1e-6
        system[:count, :count] = products + np.diag(RIDGE / curve)
        target = scores + weights * (labels - chances) / curve
        solved = np.linalg.solve(system, np.append(target, 0))
        moved = float(np.abs(solved[:count] - rows).max())
        rows, bias = solved[:count], float(solved[count])
        if moved < 1e-5:
            break
    return rows, bias


def cross_validate(made: Design, groups: Sequence[str]) -> Matrix:
    """A score for each example by a model that saw nothing of its group, with the rule's bonus.

    As the rule does, it takes the score of the core where that is clearly higher. The group `OWN` is never left out.
    """
    products, sources, cores = made.products, np.array(groups), list(made.cores)
    labels = np.array([item.political for item in made.examples], float)
    scores = np.zeros(len(products))
    for source in sorted(set(sources) - {OWN}):
        left = sources == source
        kept = np.flatnonzero(~left)
        judged = np.flatnonzero([*left, *left[cores]])
        rows, bias = solve(products[np.ix_(kept, kept)], labels[kept], weights_of([made.examples[n] for n in kept]))
        scores[judged] = products[np.ix_(judged, kept)] @ rows + bias
    best = scores[: len(labels)].copy()
    best[cores] = np.maximum(best[cores], scores[len(labels) :] - SECOND)
    added: Matrix = best + np.array([item.bonus for item in made.examples])
    return added


def folds(own: Sequence[Example], number: int = 6) -> list[str]:
    """Groups of our own specimens: whole passages are left out by a hash of the text, sentences put together never."""
    return [f"own {crc32(item.neutral.encode()) % number}" if item.kind == WHOLE else OWN for item in own]


def train(made: Design, medium: float, high: float, about: Mapping[str, Any]) -> Model:
    """The model of all examples."""
    labels = np.array([item.political for item in made.examples], float)
    learned = len(labels)
    rows, bias = solve(made.products[:learned, :learned], labels, weights_of(made.examples))
    heads: dict[str, Vector] = {}
    for name, part in made.parts.items():
        head = SCALES[name] * (part[:learned].T @ rows) / made.spreads[name]
        bias -= float(head @ made.centres[name])
        heads[name] = head.astype(np.float32)
    return Model(
        grams=heads["grams"],
        meaning=heads["meaning"],
        style=heads["style"],
        cues=heads["cues"],
        voice=heads["voice"],
        pairs=heads["pairs"],
        middle=made.middle,
        spread=made.spread,
        bias=bias,
        names=made.names,
        medium=medium,
        high=high,
        table=load_meaning(),
        about=about,
    )

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

from mailguard.judge.features import BUCKETS, Vector, cues, grams, style, words_of
from mailguard.judge.meaning import Meaning, load_meaning
from mailguard.judge.model import Model

Matrix = npt.NDArray[np.float64]
RIDGE = 2.0
STEPS = 12
# How much each kind of feature counts in the sum of products; chosen by cross-validation over sources.
SCALES = {"grams": 2.0, "meaning": 1.0, "cues": 0.3, "style": 2.0}
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
    """The examples as matrices, one row each."""

    examples: tuple[Example, ...]
    names: tuple[str, ...]
    parts: Mapping[str, Matrix]
    centres: Mapping[str, Vector]
    spreads: Mapping[str, Vector]

    @property
    def products(self) -> Matrix:
        """The sum of products of every two rows."""
        total = np.zeros((len(self.examples), len(self.examples)))
        for name, part in self.parts.items():
            total += SCALES[name] * (part @ part.T)
        return total


def design(examples: Sequence[Example], table: Meaning | None = None) -> Design:
    """Rows of words, meaning, style (scaled to unit spread) and evidence (centred)."""
    table = table or load_meaning()
    names = (*sorted({name for item in examples for name in item.evidence}), "PARTY", "LEADER")
    words = [words_of(item.neutral) for item in examples]
    columns = np.zeros((len(examples), BUCKETS))
    for row, said in enumerate(words):
        for column, weight in grams(said).items():
            columns[row, column] = weight
    counted = [
        {**item.evidence, "PARTY": said.count("partyname"), "LEADER": said.count("partyleader")}
        for item, said in zip(examples, words, strict=True)
    ]
    raw = {
        "grams": columns,
        "meaning": np.array([table.of(said) for said in words], float),
        "cues": np.array([cues(item, names) for item in counted], float),
        "style": np.array([style(said) for said in words], float),
    }
    centres = {name: raw[name].mean(0) if name in {"cues", "style"} else np.zeros(raw[name].shape[1]) for name in raw}
    spreads = {name: np.ones(raw[name].shape[1]) for name in raw}
    width = raw["style"].shape[1]
    spreads["style"] = np.maximum(raw["style"].std(0), 1e-3) * np.sqrt(width)
    parts = {name: (raw[name] - centres[name]) / spreads[name] for name in raw}
    return Design(tuple(examples), names, parts, centres, spreads)


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

    The group `OWN` is never left out.
    """
    products, sources = made.products, np.array(groups)
    labels = np.array([item.political for item in made.examples], float)
    scores = np.zeros(len(labels))
    for source in sorted(set(sources) - {OWN}):
        left = sources == source
        kept = ~left
        examples = [item for item, keep in zip(made.examples, kept, strict=True) if keep]
        rows, bias = solve(products[np.ix_(kept, kept)], labels[kept], weights_of(examples))
        scores[left] = products[np.ix_(left, kept)] @ rows + bias
    added: Matrix = scores + np.array([item.bonus for item in made.examples])
    return added


def folds(own: Sequence[Example], number: int = 6) -> list[str]:
    """Groups of our own specimens: whole passages are left out by a hash of the text, sentences put together never."""
    return [f"own {crc32(item.neutral.encode()) % number}" if item.kind == WHOLE else OWN for item in own]


def train(made: Design, medium: float, high: float, about: Mapping[str, Any]) -> Model:
    """The model of all examples."""
    labels = np.array([item.political for item in made.examples], float)
    rows, bias = solve(made.products, labels, weights_of(made.examples))
    heads: dict[str, Vector] = {}
    for name, part in made.parts.items():
        head = SCALES[name] * (part.T @ rows) / made.spreads[name]
        bias -= float(head @ made.centres[name])
        heads[name] = head.astype(np.float32)
    return Model(
        grams=heads["grams"],
        meaning=heads["meaning"],
        style=heads["style"],
        cues=heads["cues"],
        bias=bias,
        names=made.names,
        medium=medium,
        high=high,
        table=load_meaning(),
        about=about,
    )

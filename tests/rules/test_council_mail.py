"""The personal-data rules on mail as council members send it: what must be found, and what must pass.

Texts and names are made up. Each file has lines of {id, label, source, text}; label `personal_data` should be found at
medium, `other` should not.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mailguard.cli.scoring import evaluate, read_items
from mailguard.examine import build_examiner, load_config
from mailguard.mail.evidence import Confidence
from mailguard.mail.reader import read_many
from mailguard.matching.masking import Fingerprints

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def examiner():
    return build_examiner(load_config(None), Fingerprints(b"k" * 32))


def scored(examiner, name, level):
    items = read_items(DATA / name)
    return evaluate(examiner, read_many, items, "personal_data", positive=["personal_data"], at_least=level)


@pytest.mark.parametrize(
    ("name", "recall", "false"),
    [
        ("personal_data.jsonl", 0.94, 0.015),
        ("personal_data_2.jsonl", 0.85, 0.015),
        ("personal_data_3.jsonl", 0.88, 0.015),
        ("identifiers.jsonl", 0.9, 0.01),
        ("identifiers_2.jsonl", 0.94, 0.03),
        ("identifiers_3.jsonl", 0.95, 0.03),
        ("identifiers_4.jsonl", 0.96, 0.02),
    ],
)
def test_what_a_careful_person_would_find_is_found(examiner, name, recall, false):
    result = scored(examiner, name, Confidence.MEDIUM)
    assert result["recall"] >= recall, result["missed"]
    assert result["false_positive_rate"] <= false, result["wrongly_found"]


@pytest.mark.parametrize(
    "name",
    [
        "personal_data.jsonl",
        "personal_data_2.jsonl",
        "personal_data_3.jsonl",
        "identifiers.jsonl",
        "identifiers_2.jsonl",
        "identifiers_3.jsonl",
        "identifiers_4.jsonl",
    ],
)
def test_nothing_that_must_pass_is_held_to_be_certain(examiner, name):
    assert scored(examiner, name, Confidence.HIGH)["wrongly_found"] == []

"""Check digits and structures: one right number each, and the same with one character changed."""

from __future__ import annotations

import pytest

from mailguard.matching import identifiers as check


@pytest.mark.parametrize(
    ("valid", "right", "wrong"),
    [
        (check.nhs_valid, "9434765919", "9434765918"),
        (check.nino_valid, "jg103759a", "gb103759a"),
        (check.card_valid, "4111111111111111", "4111111111111112"),
        (check.iban_valid, "gb29nwbk60161331926819", "gb29nwbk60161331926818"),
        (check.licence_valid, "morga657054sm9ij", "morga687054sm9ij"),
        (check.registration_valid, "bd19xyz", "bq19xyz"),
        (check.postcode_valid, "pr1 2ab", "zz1 2ab"),
        (check.utr_valid, "1955839661", "2955839661"),
    ],
)
def test_one_character_decides(valid, right, wrong):
    assert valid(right)
    assert not valid(wrong)

"""Names as people write them, and capitals that are none."""

from __future__ import annotations

import pytest

from mailguard.matching.names import Names

NAMES = Names(("ann john",))


def found(text):
    return [text[name.start : name.end] for name in NAMES.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "I saw Mrs Joan Price.",
        "Yesterday Ann Brown rang.",
        "Yesterday Ánn Brown rang.",
        "Tenant: Xanthe Quill",
        "My constituent Oluwadare Quill, of 4 Rose Court",
        "about Zuriel Quill, born 3/4/2015",
        "Zuriel Quill has lost her home.",
        "Zuriel Quill's mother rang.",
    ],
)
def test_a_name_is_found_by_what_stands_by_it(text):
    assert found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Cllr Ann Brown asked.",
        "Lead officer: Ann Brown",
        "Ann Brown, Head of Housing",
        "Ann Brown (23 June 1912 - 7 June 1954)",
        "It is in John Street.",
        "Preston Council has lost its appeal, he said.",
        "Universal Credit was cut, she said.",
        "Deepdale Primrose is shut.",
    ],
)
def test_posts_places_and_the_dead_are_not_private_people(text):
    assert found(text) == []

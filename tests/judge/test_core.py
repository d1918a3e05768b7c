"""The core of a long text: every place of politics with whole sentences around it, and nothing of the rest."""

from __future__ import annotations

import pytest

from mailguard.judge.core import SHORT, core

BINS = "The bins in your street will be emptied on Friday and I have asked the team to look. "
VOTE = "Please vote for us on Thursday! "


def places(text: str, word: str = "vote") -> list[tuple[int, int]]:
    found, at = [], text.find(word)
    while at >= 0:
        found.append((at, at + len(word)))
        at = text.find(word, at + 1)
    return found


@pytest.mark.parametrize("at", [0, 10, 20])
def test_the_sentence_of_a_place_is_kept_whole_and_the_rest_is_left_out(at):
    text = BINS * at + VOTE + BINS * (20 - at)
    assert core(text, places(text)).strip() == VOTE.strip()


def test_a_sentence_between_two_places_is_kept():
    text = BINS * 10 + VOTE + BINS + VOTE + BINS * 10
    assert core(text, places(text)).strip() == (VOTE + BINS + VOTE).strip()


def test_places_far_apart_are_both_kept_and_none_twice():
    text = VOTE + BINS * 20 + VOTE + BINS * 3 + VOTE + BINS * 20
    cut = core(text, places(text))
    assert cut.count("vote") == 3
    assert len(cut) < len(text) / 2


def test_a_text_without_places_has_no_core():
    assert not core(BINS * 20, [])


def test_a_short_text_is_its_own_core():
    text = (BINS * 9)[: SHORT - len(VOTE)] + VOTE
    assert not core(text, places(text))


def test_a_text_that_is_political_nearly_throughout_is_its_own_core():
    text = (VOTE + BINS) * 20
    assert not core(text, places(text))


def test_one_line_without_an_end_is_cut_all_the_same():
    text = "word " * 1000 + "vote" + " word" * 1000
    cut = core(text, places(text))
    assert "vote" in cut
    assert len(cut) < 700

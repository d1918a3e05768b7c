"""What the writer says is told from what he quotes, and the style of each is seen apart."""

from __future__ import annotations

import numpy as np
import pytest

from mailguard.judge.speech import LONGEST, speech
from mailguard.judge.style import STYLES, pairs, sides, style, voice


@pytest.mark.parametrize(
    ("neutral", "told", "quoted"),
    [
        ('the leader said: "we have won." she left', "the leader said she left", "we have won"),
        ("the leader said: ''we have won.'' she left", "the leader said she left", "we have won"),
        ("the leader said: 'we've won.' she left", "the leader said she left", "we've won"),
        ("he called it \"a 'huge' day\" and went", "he called it and went", "a huge day"),
        ("the residents' group won't go", "the residents group won't go", ""),
        ('"one mark left open\nhides no more than its line', "hides no more than its line", "one mark left open"),
        ("no mark at all", "no mark at all", ""),
    ],
)
def test_quoted_words_are_told_apart(neutral: str, told: str, quoted: str) -> None:
    said = speech(neutral)
    assert said.told == told.split()
    assert said.quoted == quoted.split()
    assert sorted(said.words) == sorted(said.told + said.quoted)


def test_numbers_are_one_word_and_words_keep_no_mark() -> None:
    assert speech("1987: partyname' 42 seats, o'brien's").words == ["0", "partyname", "0", "seats", "o'brien's"]


def test_a_long_text_is_seen_at_both_ends() -> None:
    said = speech("first " + "middle " * LONGEST + "last")
    assert said.words[0] == "first"
    assert said.words[-1] == "last"


def test_blame_is_seen_where_it_is_spoken() -> None:
    blame = list(STYLES).index("blame")
    said = speech("they have failed us and it is a disgrace, so vote them out on thursday")
    told = speech('she told the paper "they have failed us and it is a disgrace", and sat down')
    own, report = (voice(item, style(item.words)) for item in (said, told))
    width = len(STYLES)
    assert own[blame] > 0
    assert own[width + blame] == 0
    assert report[blame] == 0
    assert report[width + blame] > 0
    assert own[-1] == 0 < report[-1]


def test_style_is_a_share_and_so_does_not_grow_with_length() -> None:
    words = speech("we ask you to vote and they failed " * 6).words
    assert np.allclose(style(words), style(words * 9))


def test_pairs_are_bounded_and_of_every_two() -> None:
    levels = np.array([0.0, 100.0, -100.0], np.float32)
    made = pairs(levels, np.zeros(3, np.float32), np.ones(3, np.float32))
    assert made.tolist() == [0.0, 0.0, 0.0, 4.0, -4.0, 4.0]


def test_the_number_of_parties_is_seen_and_which_they_are_is_not() -> None:
    assert sides(()).tolist() == [0, 0, 0, 0]
    assert sides((7,)).tolist() == [1, 0, 0, 0]
    assert sides((3, 1)).tolist() == [0, 1, 0, 0.75]
    assert sides((1, 3)).tolist() == sides((3, 1)).tolist()
    assert sides((2, 1, 1)).tolist() == [0, 0, 1, 0.5]

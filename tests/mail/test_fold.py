"""Folding, by golden pairs: disguises are undone, real names and codes are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailguard.mail.fold import fold

GOLDEN = {
    "Vote Labour": "vote labour",
    "Siân": "sian",
    "Llŷr Ŵyn, Môn": "llyr wyn, mon",
    "naïve café": "naive cafe",
    "раrtу": "party",
    "Vоte": "vote",
    "V\u200bo\u200dt\u2060e": "vote",
    "La\u00adbour": "labour",
    "L\u034fabour": "labour",
    "Vo\U000e0074te": "vote",
    "\u202eVote": "vote",
    "Ｖｏｔｅ": "vote",
    "𝐕𝐨𝐭𝐞": "vote",
    "𝓥𝓸𝓽𝓮": "vote",
    "ᴠᴏᴛᴇ": "vote",
    "ﬁnance": "finance",
    "V o t e": "vote",
    "V o t e   L a b o u r": "vote labour",
    "V  o  t  e    L  a  b  o  u  r": "vote labour",
    "V.O.T.E": "vote",
    "V-o-t-e   L-a-b-o-u-r": "vote labour",
    "v * o * t * e": "vote",
    "V0te": "vote",
    "L4b0ur": "labour",
    "c0unc3l": "councel",
    "\u0661\u0662\u0663": "123",
    "०१२": "012",
    "a\u00a0b": "a b",
    "“quoted” – it’s": "''quoted'' - it's",
}
KEPT = (
    "ec1a 4bb",
    "sw1a 0aa",
    "ec3a4bb",
    "a3 abc",
    "abc4d",
    "a3abc",
    "qq123456c",
    "mp3",
    "b2b",
    "covid19",
    "jo@n0de.example",
    "options a, b, c, d",
    "a b c",
    "e.g. this",
    "u.k.",
    "4 may 2022",
    "http://x.example/a0b/c",
    "plan a b",
)


@pytest.mark.parametrize("text", GOLDEN)
def test_disguises_are_undone(text: str) -> None:
    assert fold(text) == GOLDEN[text]


@pytest.mark.parametrize("text", KEPT)
def test_ordinary_text_and_codes_stay(text: str) -> None:
    assert fold(text) == text


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=200))
def test_ascii_keeps_its_length_unless_letters_were_spaced(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text) or len(folded) < len(text)
    if not any(mark in text for mark in " ._*-"):
        assert len(folded) == len(text)


@given(st.text(max_size=200))
def test_any_text_folds_to_lower_case(text: str) -> None:
    assert fold(text).isascii() or fold(text) == fold(text).lower()


def test_long_text_is_folded_whole() -> None:
    assert fold("Vоte " * 300_000).count("vote") == 300_000


def test_lines_and_cells_stay_apart_in_text_that_is_not_ascii():
    assert fold("Name\tNHS\nSiân\t943 476\r\n\r\nx\u00a0y") == "name\tnhs\nsian\t943 476\n\nx y"

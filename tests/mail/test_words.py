"""The words of a text: two forms of one mail are the same, and no trick makes two texts so."""

import pytest

from mailguard.mail.words import same, unwrapped, words


@pytest.mark.parametrize("text", ["", "Dear Ann, it's (or so)_x - :", "Annwyl Siân – dyma’r nodyn", "a\tb\r\nc"])
def test_words_are_runs_of_letters_and_digits(text: str) -> None:
    assert "".join(words(text)) == "".join(letter for letter in text if letter.isalnum())
    assert all(word.isalnum() for word in words(text))


@pytest.mark.parametrize("end", ["", " é"])
def test_addresses_dates_and_numbers_are_one_word(end: str) -> None:
    assert words(f"- ask <jo@example.org>: 01/02/1980. /a-b/{end}")[:4] == [
        "ask",
        "jo@example.org",
        "01/02/1980",
        "a-b",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [("* The bins\n  are late", "- the bins are late"), ("Siân’s note", "SIÂN's note"), ("a\u200bb c", "a\u200bb  c")],
)
def test_forms_of_one_text_are_the_same(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ask jo example org", "ask jo@example.org"),
        ("siân labour. org.uk", "siân labour.org.uk"),
        ("vote now", "votenow"),
        ("vo te", "vo\u200bte"),
        ("vo te", "vo\u00adte"),
        ("vo te", "vo\u0301te"),
        ("bins", "bins and more words here"),
    ],
)
def test_others_are_not(one: str, other: str) -> None:
    assert not same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NHS number 943 476\n5919", "NHS number 943 476 5919"),
        ("card 4929  1234 5678 9012", "card 4929 1234 5678 9012"),
        ("card 4929 1234, 5678 9012", "card 4929 1234 5678 9012"),
        ("number JG 10 37 59\nA", "number JG 10 37 59 A"),
    ],
)
def test_a_number_that_is_parted_in_one_is_not_that_of_the_other(one: str, other: str) -> None:
    assert not same(one, other)
    assert same(one, one.replace("\n", "\r\n\r\n"))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("943 476 \n5919, and no more", "943 476 5919, and no more"),
        ("943 476\r\n5919.", "943 476 5919."),
        ("JG 10 37\n59 A", "JG 10 37 59 A"),
        ("BB9\n7AA", "BB9 7AA"),
        ("in 2024\nand 2025", "in 2024\nand 2025"),
        ("31\n12,Mill Lane", "31\n12,Mill Lane"),
        ("31\n\n12", "31\n\n12"),
    ],
)
def test_a_number_that_a_program_wrapped_is_whole_again(text: str, whole: str) -> None:
    line = "Dear Ann, what you asked for, and that it takes long, is number "
    assert unwrapped(line + text) == line + whole
    assert unwrapped(text) == text

"""The words of a text: two forms of one mail are the same, and no trick makes two texts so."""

import pytest

from mailguard.mail.words import same, words


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

"""The nearest word before a number says what it is."""

from __future__ import annotations

import pytest

from mailguard.mail.contents import Layer, Text
from mailguard.matching.context import Words, follows, footing, heading, title
from mailguard.matching.scan import Matcher, Span

WORDS = Words(("nhs number",), ("patient",), ("invoice",))


def context(text):
    where = Text("body", Layer.NEW, text)
    (match,) = Matcher({"t.n": r"\d{10}"}).locate("t.n", where.folded)
    return WORDS.about(Span(where, match))


@pytest.mark.parametrize("text", ["NHS number: 9434765919", "nhs_number=9434765919", "9434765919 (NHS number)"])
def test_a_label_before_or_after(text):
    assert context(text).labelled


@pytest.mark.parametrize("text", ["invoice 9434765919", "NHS number below. Invoice 9434765919"])
def test_what_is_nearer_called_something_else(text):
    assert context(text).other


def test_a_word_of_its_world_hints():
    assert context("The patient came. 9434765919").hinted
    assert not context("The bus came. 9434765919").hinted


@pytest.mark.parametrize(
    "text",
    [
        "Name,Street and town and county,NHS number\nAnn Brown,Somewhere rather long in the county,9434765919",
        "Invoice\tNHS number\nPaid in full some time ago by the clerk\t9434765919",
        "Dear all\n\nname;town;nhs number\nAnn Brown;Nelson;9434765919",
    ],
)
def test_the_heading_of_its_column_names_it(text):
    assert context(text).labelled


@pytest.mark.parametrize(
    "text",
    [
        "NHS number,Invoice\nnone,9434765919",
        "NHS number,Name,Invoice\nof her,9434765919",
        "The NHS number, as the ward told us at the time, was lost,\nand it was found, as we thought, on 9434765919",
    ],
)
def test_another_column_or_a_sentence_does_not(text):
    assert not context(text).labelled


def test_the_line_under_its_list_names_it():
    rows = "- Ann Brown, 9434765919\n- Owen Price, 12\n"
    assert context(f"{rows}(the numbers are the NHS numbers)").labelled
    for line in ("The next meeting has the NHS number on its list", "\nThe numbers are the NHS numbers"):
        assert not context(f"{rows}{line}").labelled


def test_a_text_that_does_not_end_has_no_line_under_it():
    text = "9434765919" + " 12" * 3000 + "\nthe numbers are the NHS numbers"
    matcher = Matcher({"test.number": r"\b\d{10}\b"})
    (match,) = matcher.locate("test.number", text)
    assert footing(Span(Text("body", Layer.NEW, text), match)) == ""


def test_a_value_follows_its_key():
    where = Text("body", Layer.NEW, "name=ann; nhs_number=9434765919; ref=9434765919")
    first, second = Matcher({"t.n": r"\d{10}"}).locate("t.n", where.folded)
    assert follows(Span(where, first), WORDS.label)
    assert not follows(Span(where, second), WORDS.label)


def test_a_line_that_does_not_end_is_no_row():
    """A text may be one line of millions of signs with a match at every tenth."""
    text = "name,nhs number\n" + "x" * 3000 + ",9434765919"
    matcher = Matcher({"test.number": r"\b\d{10}\b"})
    (match,) = matcher.locate("test.number", text)
    assert heading(Span(Text("body", Layer.NEW, text), match)) == ""
    (match,) = matcher.locate("test.number", text.replace("x" * 3000, "x" * 300))
    assert heading(Span(Text("body", Layer.NEW, text.replace("x" * 3000, "x" * 300)), match)) == "nhs number"


def over(text):
    where = Text("body", Layer.NEW, text)
    *_, match = Matcher({"t.n": r"\d{10}"}).locate("t.n", where.folded)
    return title(Span(where, match))


@pytest.mark.parametrize(
    "text",
    [
        "Their NHS numbers:\n- Ann 9434765919\n- Bob 9434765870",
        "Their NHS numbers:\n\n1. Ann 9434765919\n2. Bob 9434765870",
    ],
)
def test_the_line_over_a_list_names_its_numbers(text):
    assert over(text) == "their nhs numbers:"


@pytest.mark.parametrize(
    "text",
    [
        "Their NHS trust:\n- Ann 9434765919",
        "Their NHS numbers:\nmany calls\n- Ann 9434765919",
        f"{'Their NHS numbers ' * 6}:\n- Ann 9434765919",
        "NHS numbers: 9434765919",
    ],
)
def test_a_line_that_speaks_of_no_numbers_or_is_no_title_names_nothing(text):
    assert not over(text)

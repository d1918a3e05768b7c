"""The nearest word before a number says what it is."""

from __future__ import annotations

import pytest

from mailguard.mail.contents import Layer, Text
from mailguard.matching.context import Words
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

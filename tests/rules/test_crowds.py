"""Thousands of numbers in one text: the words about a bounded count of them are read, and none is dropped for it."""

from __future__ import annotations

import pytest
from tests.support.mails import findings, mail_of, rule_of

from mailguard.mail.evidence import Confidence
from mailguard.matching.context import Context, Words
from mailguard.matching.names import Names
from mailguard.rules._crowd import FULL
from mailguard.rules.bank_account import BankAccount

BARE = {
    "nhs_number": "1234567890 ",
    "utr": "4748949890 ",
    "nino": "JG103759A ",
    "vehicle_registration": "AB51 ABC ",
    "payment_card": "4929123412341234 ",
    "electoral_number": "AB1-1234 elector number ",
    "council_reference": "rent account 10034567 ",
    "date_of_birth": "DOB 12/04/1978 ",
}
TIMES = 3 * FULL


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each number about which all the words were read."""
    calls: list[int] = []
    plain = Words.about

    def counted(self: Words, span: object, before: int = 64, after: int = 28) -> Context:
        calls.append(1)
        return plain(self, span, before, after)  # type: ignore[arg-type]

    monkeypatch.setattr(Words, "about", counted)
    return calls


@pytest.mark.parametrize("name", BARE)
def test_the_words_are_read_about_so_many_numbers_and_no_more(name: str, asked: list[int]) -> None:
    findings(mail_of(BARE[name] * TIMES), rule_of(name))
    assert FULL <= len(asked) <= 3 * FULL
    few = len(asked)
    asked.clear()
    findings(mail_of(BARE[name] * TIMES * 2), rule_of(name))
    assert len(asked) == few


def test_sort_codes_are_looked_about_so_often_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    plain = BankAccount.pair

    def counted(self: BankAccount, *given: object) -> object:
        calls.append(1)
        return plain(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(BankAccount, "pair", counted)
    found = findings(mail_of("".join(f"20-00-00 5577{at:04d}; " for at in range(TIMES))), rule_of("bank_account"))
    assert len(calls) == FULL
    assert sum(item.count for item in found) == TIMES


def test_names_are_looked_for_about_so_many_marks_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    plain = Names.find

    def counted(self: Names, content: str) -> object:
        calls.append(1)
        return plain(self, content)

    monkeypatch.setattr(Names, "find", counted)
    findings(mail_of("AB51 ABC " * TIMES), rule_of("vehicle_registration"))
    assert len(calls) <= 2 * FULL


@pytest.mark.parametrize("ahead", [0, TIMES])
def test_the_one_number_that_is_named_is_found_among_thousands(ahead: int) -> None:
    text = "1234567890 " * ahead + "\nHer NHS number is 943 476 5919.\n" + "1234567890 " * TIMES
    assert [item.confidence for item in findings(mail_of(text), rule_of("nhs_number"))] == [Confidence.HIGH]


def test_the_one_number_that_is_named_is_found_behind_thousands_that_are_named_too() -> None:
    text = "NHS number 1234567890, invoice 1234567890 " * TIMES + "and her NHS number: 943 476 5919"
    found = findings(mail_of(text), rule_of("nhs_number"))
    assert found[0].confidence is Confidence.HIGH


def test_what_no_word_names_in_a_crowd_counts_by_its_form() -> None:
    text = "1234567890 x " * TIMES + "9434765919"
    assert [(item.count, item.confidence) for item in findings(mail_of(text), rule_of("nhs_number"))] == [
        (1, Confidence.LOW)
    ]


@pytest.mark.parametrize("name", ["council_reference", "electoral_number", "date_of_birth"])
def test_what_must_be_named_is_none_in_a_crowd_far_from_its_word(name: str) -> None:
    number = {"council_reference": "12345678\n", "electoral_number": "AB1-1234\n", "date_of_birth": "12/04/1978\n"}[
        name
    ]
    text = f"{BARE[name]}\n" + number * TIMES * 2
    assert sum(item.count for item in findings(mail_of(text), rule_of(name))) <= 2

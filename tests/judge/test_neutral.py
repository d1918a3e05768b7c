"""The neutral form: after it no two parties differ, and common words stay common."""

from __future__ import annotations

import pytest
from tests.support.mails import tools

from mailguard.judge.neutral import Neutraliser
from mailguard.judge.parties import parties_of

PARTIES = parties_of(tools().data["parties"])
NEUTRAL = Neutraliser(PARTIES)
SENTENCES = (
    "Vote {} on Thursday.",
    "We all know that {} have failed this town.",
    "Please join {} today and help us win.",
    "Support {} at the election.",
    "Under {} the council tax went up.",
)


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("party", PARTIES, ids=lambda party: party.id)
def test_every_party_becomes_the_same_word(party, sentence):
    wanted = NEUTRAL.of(sentence.format("the SNP"))
    for name in (*party.names, *party.nicknames):
        assert NEUTRAL.of(sentence.format(name)) == wanted, name
        assert NEUTRAL.of(sentence.format(f"the {name.removeprefix('the ')}")) == wanted, name


@pytest.mark.parametrize("party", [party for party in PARTIES if party.words], ids=lambda party: party.id)
def test_a_short_name_is_a_party_beside_a_political_word(party):
    for word in party.words:
        assert "partyname" in NEUTRAL.of(f"Vote {word} on Thursday"), word
        assert "partyname" in NEUTRAL.of(f"All our {word} councillors voted for it"), word


def test_every_person_becomes_the_same_word():
    for party in PARTIES:
        for person in party.people:
            assert NEUTRAL.of(f"I met {person.name} today.") == "i met partyleader today.", person.name


@pytest.mark.parametrize(
    "text",
    [
        "we labour under heavy rain on the village green",
        "reform of the planning system is an independent matter",
        "a conservative estimate of the alliance's cost",
        "they trump up charges and dup the file",
    ],
)
def test_common_words_are_no_party(text):
    assert "party" not in NEUTRAL.of(text)


def test_a_party_in_brackets_after_a_name_is_fact_and_is_left_out():
    assert "party" not in NEUTRAL.of("Cllr Hill (Conservative) and Cllr Reed (Green Party) sent apologies.")


def test_look_alikes_do_not_hide_a_party():
    assert NEUTRAL.of("Vote L\u0430bour on Thursday") == NEUTRAL.of("Vote Labour on Thursday")


@pytest.mark.parametrize(
    "text",
    [
        "Golders Green has a new library, and Wood Green will get one.",
        "A spokesman for the Countryside Alliance said no; the TaxPayers’ Alliance has asked twice.",
    ],
)
def test_the_end_of_a_name_is_no_party(text):
    assert "partyname" not in NEUTRAL.of(text)


@pytest.mark.parametrize(
    "text",
    [
        "We met the Norwich Green candidate.",
        "But Green will not do that.",
        "I shall vote Green on Thursday.",
        "Belfast Alliance councillors have said no.",
        "Only Alliance can win here.",
    ],
)
def test_a_party_beside_a_place_is_a_party(text):
    assert "partyname" in NEUTRAL.of(text)


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("party", PARTIES, ids=lambda party: party.id)
def test_each_party_is_counted_as_one_by_whatever_name(party, sentence):
    forms = (*party.names, *party.nicknames, *(person.name for person in party.people))
    for one in forms:
        _, named = NEUTRAL.read(sentence.format(one) + " " + sentence.format(party.names[0]))
        assert list(named.values()) == [2], one


def test_two_parties_are_counted_apart():
    _, named = NEUTRAL.read("Labour councillors and the Tories voted against Keir Starmer.")
    assert sorted(named.values()) == [1, 2]

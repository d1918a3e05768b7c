"""Marketing, chain letters, newsletters, and the Welsh imprint: what is found, and what must not be."""

from __future__ import annotations

import pytest
from tests.support.mails import findings, mail_of, rule_of

from mailguard.mail.contents import Layer, Text
from mailguard.mail.evidence import Confidence


def levels(name, mail):
    return [item.confidence for item in findings(mail, rule_of(name)) if item.rule == name]


@pytest.mark.parametrize(
    "text",
    [
        "Hyrwyddwyd gan Dilys Rees, 12 Stryd Fawr, Pentre CF41 7AA, ar ran Jo Marsh",
        "Hyrwyddir gan Jo Marsh ar ran Plaid y Dref, 4 Lôn y Felin, Pentre",
    ],
)
def test_a_welsh_imprint_is_high(text):
    assert levels("imprint", mail_of(text)) == [Confidence.HIGH]


def test_talk_of_what_is_promoted_in_welsh_is_no_imprint():
    assert not levels("imprint", mail_of("Hyrwyddir gan y cyngor gerdded a beicio ym mhob ysgol."))


OFFER = "Special offer: 20% off our new range. Order now online."


def test_one_offer_is_less_than_several():
    assert levels("marketing", mail_of(OFFER)) == [Confidence.MEDIUM]
    assert levels("marketing", mail_of("We have a special offer.")) in ([], [Confidence.LOW])


def test_a_quoted_offer_is_not_the_senders():
    assert not levels("marketing", mail_of("Is this a scam?", texts=[Text("quoted", Layer.QUOTED, OFFER)]))


def test_a_chain_is_found_and_a_quoted_chain_is_not():
    chain = "Forward this to ten people and do not break the chain!"
    assert levels("chain_letter", mail_of(chain))[0] >= Confidence.MEDIUM
    assert not levels("chain_letter", mail_of("Please stop.", texts=[Text("quoted", Layer.QUOTED, chain)]))


NOTICE = (
    "Dear Des, the rent consultation of the council closes on Friday and residents may still reply at the library. "
    "Please pass this on to everyone on the committee's list.\n\nCllr Ann Brown"
)


def circulated(text):
    found = findings(mail_of(text), rule_of("purpose"), rule_of("chain_letter"))
    return [(item.kind, item.confidence) for item in found if item.rule == "chain_letter"]


def test_a_notice_of_the_council_that_is_to_reach_many_is_no_chain_letter():
    assert circulated(NOTICE) == [("circulated", Confidence.LOW)]


@pytest.mark.parametrize(
    "text",
    [
        NOTICE + " Do not break the chain, or bad luck will come within days!",
        "This made me laugh so much. Please pass this on to everyone in your life!",
    ],
)
def test_a_chain_letter_stays_one_in_office_or_out(text):
    assert [kind for kind, level in circulated(text) if level >= Confidence.MEDIUM] == ["chain"]


def test_a_link_to_a_petition_acts_only_beside_a_call_to_sign():
    link = "https://petition.parliament.uk/petitions/700123"
    assert levels("chain_letter", mail_of(f"Please sign this one about bees: {link}")) == [Confidence.MEDIUM]
    assert levels("chain_letter", mail_of(f"Parliament will debate bees, see {link}")) == [Confidence.LOW]


def test_a_petition_handed_on_to_officers_is_none():
    assert not levels("chain_letter", mail_of("I hand on a petition from residents that was presented to council."))


def test_a_newsletter_takes_two_marks():
    assert levels("newsletter", mail_of("Mill Ward Newsletter, spring edition. In this issue: dates.")) == [
        Confidence.MEDIUM
    ]
    assert Confidence.MEDIUM not in levels("newsletter", mail_of("I read your newsletter with interest."))

"""The judge: even-handed by exchange, blind to quotes, never on a name alone; imprint, leaflet, council contact."""

from __future__ import annotations

import pytest
from tests.support.mails import findings, mail_of, rule_of, tools

from mailguard.judge.model import load_model
from mailguard.judge.parties import parties_of
from mailguard.mail.contents import Layer, Text
from mailguard.mail.evidence import Confidence
from mailguard.rules.registry import rule_classes

PARTIES = parties_of(tools().data["parties"])
RULES = [rule_of(name) for name, kind in rule_classes().items() if kind.family == "political"]
TEMPLATES = (
    "Vote for {party} on Thursday and put an end to this mess.",
    "{party} have failed our town again: broken promises, waste and excuses.",
    "Join {party} today. We need help to deliver leaflets and to knock on doors in Mill ward.",
    "Minutes: apologies were received. It was resolved that the clerk write to {party} about the hall.",
    "The figures show that {party} received 1,204 votes, the returning officer said.",
    "Thank you for your email. I have reported the pothole. Cllr Webb ({party}), Mill ward",
    "Only {party} can win here. Please donate before the deadline.",
    "I met {leader} at the library. He has betrayed every promise and cannot be trusted.",
    "{leader} said the government would reply before the summer.",
    "Pleidleisiwch dros {party} ddydd Iau.",
)


def verdict(mail):
    return {(item.rule, item.kind, item.confidence) for item in findings(mail, *RULES)}


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_same_sentence_has_the_same_verdict_for_every_party(template):
    seen = {
        frozenset(verdict(mail_of(template.format(party=party.shown, leader=party.people[0].name))))
        for party in PARTIES
        if party.people
    }
    assert len(seen) == 1


def level(mail):
    return max((item.confidence for item in findings(mail, *RULES)), default=Confidence.LOW)


CAMPAIGN = (
    "Vote Labour on Thursday! The Tories have failed this town. Join us to canvass on Saturday and donate today "
    "so that our candidate can win."
)


def test_a_campaign_mail_is_found():
    assert level(mail_of(CAMPAIGN)) >= Confidence.MEDIUM


def test_what_a_reply_quotes_is_not_the_senders():
    quoted = mail_of("Thank you, noted.", texts=[Text("quoted", Layer.QUOTED, CAMPAIGN)])
    assert level(quoted) < Confidence.MEDIUM


def test_a_forwarded_leaflet_is_sent_on_whatever_is_added():
    sent = mail_of("Just for your information.", texts=[Text("forwarded", Layer.FORWARDED, CAMPAIGN)])
    assert level(sent) >= Confidence.MEDIUM


def test_an_attached_leaflet_is_judged_by_itself():
    sent = mail_of("See attached.", texts=[Text("leaflet.pdf, page 1", Layer.ATTACHMENT, CAMPAIGN)])
    judged = [item for item in findings(sent, *RULES) if item.rule == "party_political"]
    assert [item.where for item in judged if item.confidence >= Confidence.MEDIUM] == ["leaflet.pdf, page 1"]


@pytest.mark.parametrize("party", [party.shown for party in PARTIES])
def test_a_name_alone_is_no_evidence(party):
    assert level(mail_of(f"The hall is booked for {party} on Tuesday from seven to nine.")) < Confidence.MEDIUM


IMPRINT = "\nPromoted by A. Webb on behalf of Jo Marsh, both at 4 Mill Lane, Anytown AN1 2BC\n"


def test_an_imprint_makes_a_leaflet_and_a_council_address_in_it_is_found():
    text = f"Street repairs are on the way. Write to jo.marsh@council.example or ring 01632 961 222.{IMPRINT}"
    found = findings(mail_of("See attached.", texts=[Text("x.pdf", Layer.ATTACHMENT, text)]), *RULES)
    by_rule = {item.rule: item for item in found}
    assert by_rule["imprint"].confidence is Confidence.HIGH
    assert by_rule["campaign_leaflet"].confidence is Confidence.HIGH
    assert by_rule["council_contact_in_campaign"].count == 2


def test_the_council_address_in_ordinary_mail_is_nothing():
    found = findings(mail_of("Write to planning@council.example or ring 01632 961 222."), *RULES)
    assert not [item for item in found if item.rule == "council_contact_in_campaign"]


@pytest.mark.parametrize(
    "text",
    [
        "Every leaflet must say 'promoted by [name and address] on behalf of [name and address]'.",
        "An example: Promoted by A Person, 1 Road, Town, on behalf of B Person.",
        "Walking is promoted by the council, schools and the health trust.",
    ],
)
def test_talk_about_imprints_is_none(text):
    assert not [item for item in findings(mail_of(text), *RULES) if item.rule == "imprint"]


def test_the_model_is_small_and_states_its_data():
    model = load_model()
    assert model.about["data"]
    assert model.table.vectors.nbytes + model.grams.nbytes < 8_000_000


def test_no_finding_holds_the_matched_text():
    for item in findings(mail_of(CAMPAIGN), *RULES):
        assert "Labour" not in repr(item)
        assert "Tories" not in repr(item)

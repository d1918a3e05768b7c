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


SIGNED = "Councillor Jo Marsh\nConservative member for Mill\n01632 960001\n"
SHORT = "Labour has failed us\nVote Conservative on Thursday\nFreeze council tax now\nJoin our team\nHelp us win here"


def signed(block):
    return mail_of("The bin will be emptied.", texts=[Text("body, signature", Layer.SIGNATURE, block)])


def test_a_leaflet_in_the_short_lines_of_a_signature_is_found():
    assert level(signed(SIGNED + SHORT)) >= Confidence.MEDIUM


@pytest.mark.parametrize("block", [SIGNED, f"{SIGNED}Follow me, or join my mailing list", f"{SIGNED}Vote Conservative"])
def test_a_signature_of_party_and_office_is_no_leaflet(block):
    assert level(signed(block)) is Confidence.LOW


CASEWORK = (
    "Thank you for your letter about the bins. I rang the depot and they will come on Friday; if they do not, please "
    "ring the number on the card. The drain by the school was cleared on Monday and the lamp is on order. You also "
    "asked about parking by the church: the survey was done in March, and I enclose the plan. As to the hedge, I have "
    "written to the owner, who has until the end of the month. The steps by the bridge will get a rail.\n"
)
LEAFLETS = (
    "Vote for Mary Jones on Thursday! Only we can beat them here. Join our campaign and help us win this seat.\n",
    "By the way, polling day is Thursday. Please vote {party}, and tell your neighbours: only {party} can win here.\n",
    "PS: we are out canvassing for {party} on Saturday, meet at the Co-op at ten. The leaflets are in my garage.\n",
    "{party} have started a petition to save Castle baths. Sign it and help us beat {other} in May.\n",
)


@pytest.mark.parametrize("before", [0, 1, 40])
@pytest.mark.parametrize("after", [1, 6, 40])
@pytest.mark.parametrize("leaflet", LEAFLETS)
def test_a_short_leaflet_is_found_beside_much_casework(leaflet, before, after):
    said = leaflet.format(party="Labour", other="the Conservatives")
    assert level(mail_of(CASEWORK * before + said + CASEWORK * after)) >= Confidence.MEDIUM


@pytest.mark.parametrize("leaflet", ["", "Your councillors are Ann Bell (Labour) and Tom Reed. The poll is in May.\n"])
def test_casework_alone_is_not_found_however_long(leaflet):
    assert level(mail_of(CASEWORK * 20 + leaflet + CASEWORK * 20)) < Confidence.MEDIUM


REPORT = (
    "Councillors clashed over the parking budget at the town hall on Wednesday. The leader of the {party} group told "
    "the chamber that the plan was a shambles and accused {other} of wasting a million pounds. {other} denied this, "
    "and their finance spokesman said the auditors had found nothing wrong.\n"
    "According to a report by officers, income fell by a tenth last year. A {party} amendment to freeze the charges "
    "was lost by 24 votes to 19, with two abstentions. The independents voted with {other}.\n"
    "Asked afterwards, a {party} councillor said voters would remember it. A spokesman for the council said that the "
    "new charges would begin in April and that a review was expected in the autumn. Traders who were at the meeting "
    "told this newspaper they had hoped for more time.\n"
)


@pytest.mark.parametrize("times", [1, 2, 12])
def test_a_report_of_what_parties_said_is_not_found_however_long(times):
    said = REPORT.format(party="Labour", other="the Conservatives")
    assert level(mail_of(said * times)) < Confidence.MEDIUM


PETITION = (
    "{party} have started a petition against the closure of Castle baths. Sign the {party} petition here and join "
    "{party} in the fight to beat {other} in May.\n\nPriya Nair"
)


@pytest.mark.parametrize("party", [party.shown for party in PARTIES])
def test_a_partys_petition_is_found(party):
    assert level(mail_of(PETITION.format(party=party, other="the SNP"), "Sign our petition")) >= Confidence.MEDIUM


def test_a_residents_petition_is_not_found():
    text = "We have started a petition against the closure of Castle baths. Sign here, and come to the meeting."
    assert level(mail_of(text, "Sign our petition")) < Confidence.MEDIUM


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

"""Abuse is seen; reported abuse, place names and criticism are not."""

from __future__ import annotations

import pytest
from tests.support.mails import findings, mail_of, rule_of

from mailguard.mail.contents import Layer, Text
from mailguard.mail.evidence import Confidence

RULE = rule_of("offensive_language")


def level(mail):
    return max((item.confidence for item in findings(mail, RULE)), default=None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("You are a lying idiot.", Confidence.MEDIUM),
        ("What a load of bollocks, you useless cow.", Confidence.MEDIUM),
        ("Go back to your own country.", Confidence.HIGH),
        ("I will find you and I will hurt you.", Confidence.HIGH),
        ("You are a pathetic little man and a liar. Get a life.", Confidence.MEDIUM),
        ("You looked so sexy last night, could not take my eyes off your tits.", Confidence.MEDIUM),
        ("I am sick of your complaints, you stupid cow.", Confidence.MEDIUM),
        ("It's the officers' fault, and the clerk's a lying idiot's idiot.", Confidence.MEDIUM),
        ("Thank you for your long e-mail, you lying idiot.", Confidence.MEDIUM),
        ("As I said, you are a lying idiot.", Confidence.MEDIUM),
        ('The "report" is late. You are a lying idiot. "Sorry" is not enough.', Confidence.MEDIUM),
    ],
)
def test_abuse_is_found(text, wanted):
    assert level(mail_of(text)) is wanted


@pytest.mark.parametrize(
    "text",
    [
        'A neighbour shouted "you stupid cow" and threw a stone; the police have a reference.',
        "The resident reports racist abuse: vermin and worse was painted on her door.",
        "The bus runs from Scunthorpe by Penistone to Cockermouth, via Prickwillow.",
        "Mr Dick Cockburn of Essex asked about sex education and race relations.",
        "The cabinet is wrong, the plan is poor and the consultation was a waste of money.",
        "The retarded growth of the trees is due to drought.",
        'He wrote: "You lying idiot, we know where you live and what you had for breakfast, you deserve all that is '
        'coming to you and more. You bastard."',
        "Left on the machine: \u201cYou lying idiot, I\u2019ll find out where you live\u201d. Keep it, please.",
        "Three remarks for your file:\n'stupid cow, it's time to go'\n'you lying idiot'",
        "His e-mail to my constituent: you lying idiot, I know where you live.",
        "I got your letter, and she told me that he said you are a lying idiot.",
        "A neighbour shouts wog at her children every morning on the way to school.",
        "A pathetic response rate, and a sad little car park.",
    ],
)
def test_reports_places_and_criticism_do_not_act(text):
    assert (level(mail_of(text)) or Confidence.LOW) < Confidence.MEDIUM


def test_what_a_reply_quotes_is_not_the_senders():
    assert level(mail_of("Passed on.", texts=[Text("quoted", Layer.QUOTED, "You are a lying idiot.")])) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I will not take your abuse, you stupid cow.", "aimed"),
        ("You are a pathetic little man and a liar.", "aimed"),
        ("There is shit all over the path where the toddlers walk.", "abuse"),
        ("He told me you stupid cow and then rang off.", "reported"),
        ("The wogs at number four have dumped a fridge.", "strong"),
    ],
)
def test_abuse_of_the_reader_is_told_from_coarse_words_and_reports(text, kind):
    assert [item.kind for item in findings(mail_of(text), RULE)] == [kind]


def test_the_words_around_are_read_so_often_and_no_more(monkeypatch):
    calls = []
    plain = type(RULE)._kind
    monkeypatch.setattr(type(RULE), "_kind", lambda *given: calls.append(1) or plain(*given))
    assert level(mail_of("'you lying idiot'\n" * 900)) is Confidence.LOW
    calls.clear()
    assert level(mail_of("'you lying idiot'\n" * 9000)) is Confidence.MEDIUM
    assert len(calls) == 1000

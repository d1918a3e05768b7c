"""The personal-data rules on the project's own generator: what valid identifiers are found, and by kind."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.generators.personal_data import samples
from tests.support.mails import findings, mail_of, rule_of

from mailguard.mail.evidence import Confidence
from mailguard.rules.registry import rule_classes

RULES = [rule_of(name) for name, kind in rule_classes().items() if kind.family == "personal_data"]
RECALL = 0.97


def test_valid_identifiers_are_found_as_people_write_them():
    written, found = Counter(), Counter()
    for kind, text in samples(seed=11, each=30):
        written[kind] += 1
        found[kind] += any(item.confidence >= Confidence.MEDIUM for item in findings(mail_of(text), *RULES))
    shares = {kind: found[kind] / number for kind, number in written.items()}
    assert {kind: share for kind, share in shares.items() if share < 0.9} == {}
    assert sum(found.values()) / sum(written.values()) >= RECALL


@pytest.mark.parametrize(
    "text",
    [
        "Minutes: Cllr J Smith (Chair), Mr P Jones (Clerk). Cheque 100234 £45.60. 24/00123/FUL 12 Mill Lane, PR1 2AB.",
        "Your parcel JD0002212345678901 arrives tomorrow, reference 9434765919.",
        "Zoom Meeting ID: 943 476 5919 Passcode: 123456. Dial in 020 3481 5237",
        "Please pay Acme Ltd. Account name: Acme Limited, sort code 20-00-00, account 55779911. VAT GB 123 4567 89",
        "Dear Mr Smith, thank you for your email about the potholes on Station Road, case 123456789.",
        "Dementia cafe every Tuesday at the church hall, run by Mrs Susan Clarke, tel 01772 123456.",
        "The crime figures: burglary down 4%, assault up 2%. PC Dave Williams attends. Fraud awareness week.",
        "Name, Role, Email\nAnn Brown, PA, a@a.gov.uk\nJohn Price, Planner, j@b.gov.uk\nSara Ali, Clerk, s@c.gov.uk",
        "Councillor Mary Jones was born on 3 March 1950 in Wigan and has served since 1998.",
    ],
)
def test_council_business_is_not_personal_data(text):
    assert not [item for item in findings(mail_of(text), *RULES) if item.confidence >= Confidence.MEDIUM]


def test_a_finding_never_holds_the_number():
    number = "943 476 5919"
    for item in findings(mail_of(f"Name: Ann Brown\nNHS number {number}\nDOB: 12/04/1978"), *RULES):
        assert number not in f"{item.why}{item.masked}{item.where}"
        assert number.replace(" ", "") not in f"{item.why}{item.masked}{item.where}"


def test_a_check_digit_alone_is_low():
    assert {item.confidence for item in findings(mail_of("9434765919"), rule_of("nhs_number"))} == {Confidence.LOW}


def test_a_second_identifier_of_the_person_raises_confidence():
    alone = findings(mail_of("Ann Brown, date of birth 12/04/1978"), *RULES)
    both = findings(mail_of("Ann Brown, date of birth 12/04/1978, NINO JG103759A"), *RULES)
    assert max(item.confidence for item in both if item.rule == "person_record") is Confidence.HIGH
    assert max(item.confidence for item in alone if item.rule == "person_record") is Confidence.MEDIUM

"""What a mail is for, with confidence and reasons; unknown is an honest answer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.mails import findings, mail_of, rule_of

from mailguard.mail.contents import Part, State
from mailguard.mail.evidence import Confidence
from mailguard.rules.registry import rule_classes

RULES = [
    rule_of(name) for name, kind in rule_classes().items() if kind.family in {"political", "purpose", "mark", "volume"}
]
FRIENDS = [f"friend{n}@freemail.example" for n in range(6)]


def judged(mail):
    (found,) = [item for item in findings(mail, *RULES) if item.rule == "purpose"]
    return found


@pytest.mark.parametrize(
    "text",
    [
        "Hi all, dinner at ours on Saturday for Mum's birthday party. Bring a bottle! Love, Ann xx",
        "Hello everyone, photos from the holiday are up. See you at the wedding. Ann",
        "Subject: Personal: golf on Sunday\nWho's in for golf this Sunday? Ann",
        "Penblwydd hapus i'r teulu! Wela i chi ddydd Sul. Cariad, Ann",
    ],
)
def test_a_mail_to_six_friends_is_personal(text):
    found = judged(mail_of(text, to=FRIENDS, private=FRIENDS))
    assert found.kind == "personal"
    assert found.confidence >= Confidence.MEDIUM
    assert "words" in found.why or "marked" in found.why


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for your email about the family's housing repair. I have chased the housing officer.",
        "I have reported the missed bins and the street light; the highways team will come on Friday.",
        "Diolch am eich neges am y tyllau. Rwyf wedi gofyn i'r cyngor.",
    ],
)
@pytest.mark.parametrize("to", [["resident@freemail.example"], FRIENDS])
def test_casework_is_never_personal(text, to):
    assert judged(mail_of(text, to=to, private=to)).kind == "council"


def test_holiday_pictures_are_personal():
    parts = [
        Part(f"1.{n}", f"beach{n}.jpg", "image/jpeg", "jpeg", 9_000_000, State.NO_TEXT, attachment=True) for n in (2, 3)
    ]
    found = judged(mail_of("Some pictures of the beach from our week away.", to=FRIENDS, private=FRIENDS, parts=parts))
    assert (found.kind, found.confidence >= Confidence.MEDIUM) == ("personal", True)


def test_the_groups_own_mail_is_group_business():
    to = ["a@council.example", "b@council.example"]
    mail = mail_of("The amendment to the motion for full council on Tuesday.", to=to)
    mail = replace(mail, audience=replace(mail.audience, group=frozenset(to)))
    assert judged(mail).kind in {"group", "council"}


def test_a_campaign_mail_is_campaign():
    text = "Vote Labour on Thursday! The Tories have failed this town. Join us to canvass on Saturday and donate."
    assert judged(mail_of(text)).kind == "campaign"


def test_own_trade_is_private_business():
    text = "Please find attached the invoice from my company. Payment terms: net 30. VAT number below. Webb Ltd"
    assert judged(mail_of(text)).kind == "private_business"


@pytest.mark.parametrize("text", ["Yes, that is fine.", "See attached."])
def test_nothing_to_go_by_is_unknown(text):
    found = judged(mail_of(text))
    assert (found.kind, found.confidence) == ("unknown", Confidence.LOW)


COLLEAGUES = [f"c{number}@council.example" for number in range(7)]
LABELLED = [
    json.loads(line) for line in (Path(__file__).parent / "data" / "purpose.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize(("label", "wrong"), [("personal", 5), ("council", 0)])
def test_mail_to_seven_colleagues_is_told_apart(label, wrong):
    """Sixty invitations, collections and sales, and sixty mails of council business and casework."""
    rows = [row for row in LABELLED if row["label"] == label]
    found = {row["id"]: judged(mail_of(row["text"], to=COLLEAGUES)).kind for row in rows}
    missed = {key: kind for key, kind in found.items() if (kind == "personal") != (label == "personal")}
    assert len(missed) <= wrong, missed


def test_leaving_drinks_for_a_colleague_are_personal():
    text = "Hi all, leaving drinks for Jo on Friday at the Crown from 6. Hope you can make it!"
    found = judged(mail_of(text, to=COLLEAGUES))
    assert (found.kind, found.confidence >= Confidence.MEDIUM) == ("personal", True)


SALE = "Caravan for sale, one careful owner, full service history. Asking £8,950 ono, first to see will buy."


def test_a_sale_is_private_business_and_a_residents_sale_is_casework():
    assert judged(mail_of(SALE)).kind == "private_business"
    casework = "My constituent bought a car with a full service history; please could trading standards ring her?"
    assert judged(mail_of(casework)).kind != "private_business"


CHURCH = "Hi all, the flower rota for Easter is below and supper is at ours on Sunday."


def test_a_rota_of_friends_is_personal_and_one_of_the_council_is_not():
    assert judged(mail_of(CHURCH, to=FRIENDS, private=FRIENDS)).kind == "personal"
    duty = (
        "Hi all, the duty rota of the flood wardens is below; the council is lending the pumps, road closures follow."
    )
    assert judged(mail_of(duty, to=FRIENDS, private=FRIENDS)).kind != "personal"

"""What the header alone tells: programs and calendars need no signature and have no purpose; a mark is a mark."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.mails import findings, mail_of, rule_of

from mailguard.mail.contents import Headers, Part, State

RULES = [rule_of(name) for name in ("council_signature", "purpose")]
AWAY = "I am on holiday with the family until Monday. Love from the beach, Ann"
CALENDAR = Part("2", "", "text/calendar", "vcard", 900, State.READ)


def kinds(mail):
    return {item.rule: item.kind for item in findings(mail, *RULES)}


def headed(text, *fields):
    mail = mail_of(text)
    headers = Headers((*mail.contents.headers.fields, *fields))
    return replace(mail, contents=replace(mail.contents, headers=headers))


@pytest.mark.parametrize(
    "field",
    [
        ("auto-submitted", "auto-replied"),
        ("auto-submitted", "auto-generated; owner=a"),
        ("content-type", "multipart/report; report-type=disposition-notification"),
        ("content-type", 'Multipart/Report; report-type="delivery-status"'),
    ],
)
def test_an_automatic_mail_is_not_asked_for_a_signature_nor_called_personal(field):
    assert kinds(headed(AWAY, field)) == {"purpose": "unknown"}


def test_what_goes_to_many_answers_nothing():
    friends = [f"friend{n}@freemail.example" for n in range(6)]
    mail = headed(AWAY, ("auto-submitted", "auto-generated"))
    many = replace(mail, audience=mail_of(AWAY, to=friends).audience)
    assert kinds(many) == {"council_signature": "missing", "purpose": "personal"}


@pytest.mark.parametrize("field", [("auto-submitted", "no"), ("content-type", "multipart/mixed")])
def test_what_a_person_wrote_is(field):
    assert kinds(headed(AWAY, field)) == {"council_signature": "missing", "purpose": "personal"}


@pytest.mark.parametrize(
    ("value", "marks"), [("Personal", ["personal"]), ("Private", []), ("Company-Confidential", [])]
)
def test_the_sensitivity_that_outlook_sets_is_a_mark(value, marks):
    found = findings(headed("Boiler man comes at eight.", ("sensitivity", value)), rule_of("mark"))
    assert [item.kind for item in found] == marks


def test_an_invitation_needs_no_signature_and_an_attached_date_does():
    invited = mail_of("Birthday party at ours, love Ann", parts=[CALENDAR])
    attached = mail_of("Birthday party at ours, love Ann", parts=[replace(CALENDAR, attachment=True)])
    assert kinds(invited) == {"purpose": "personal"}
    assert kinds(attached) == {"council_signature": "missing", "purpose": "personal"}

"""Rules on recipients, hidden data and what cannot be read: facts in, findings out."""

from __future__ import annotations

import pytest
from tests.support.mails import MEMBER, findings, mail_of, rule_of

from mailguard.mail.contents import Hidden, Layer, Part, State, Table, Text
from mailguard.mail.evidence import Confidence
from mailguard.mail.people import Member
from mailguard.rules.registry import rule_classes

PERSONAL = [name for name, kind in rule_classes().items() if kind.family == "personal_data"]
FRIENDS = [f"friend{number}@gmail.com" for number in range(20)]


def seen(mail, *names):
    return findings(mail, *(rule_of(name) for name in names))


@pytest.mark.parametrize(
    ("number", "level"),
    [(2, None), (3, Confidence.LOW), (10, Confidence.MEDIUM), (15, Confidence.HIGH)],
)
def test_visible_private_addresses_are_counted(number, level):
    found = seen(mail_of("Hello", to=FRIENDS[:number]), "visible_recipients")
    assert [item.confidence for item in found] == ([level] if level else [])
    assert [item.count for item in found] == ([number] if level else [])


def test_hidden_and_organisations_recipients_are_not_visible_people():
    mail = mail_of("Hello", to=["clerk@parish.example"] * 1, cc=[f"o{n}@firm.example" for n in range(20)], bcc=FRIENDS)
    assert seen(mail, "visible_recipients") == ()


def test_a_registered_private_address_is_sure_and_a_like_name_likely():
    registered = mail_of("Minutes", to=["ann@home.example"], own_private=["ann@home.example"])
    alike = mail_of("Minutes", to=["ann.brown71@gmail.com"])
    other = mail_of("Minutes", to=["bob.brown@gmail.com"])
    assert [item.confidence for item in seen(registered, "own_private_address")] == [Confidence.HIGH]
    assert [item.kind for item in seen(alike, "own_private_address")] == ["same_name"]
    assert seen(other, "own_private_address") == ()


def test_forgery_is_told_without_addresses():
    (found,) = seen(mail_of("Hello", forged="a@council.example is not b@council.example"), "forged_sender")
    assert "@" not in found.why


@pytest.mark.parametrize(
    ("state", "kind"),
    [(State.LOCKED, "locked"), (State.BROKEN, "broken"), (State.LATE, "late"), (State.OVER_LIMIT, "over_limit")],
)
def test_each_way_of_not_being_read_is_a_kind(state, kind):
    mail = mail_of("See attached", parts=[Part("2", "a.zip", "application/zip", "zip", 10, state, "why", True)])
    assert [item.kind for item in seen(mail, "unreadable")] == [kind]


@pytest.mark.parametrize(
    ("kind", "size", "found"), [("png", 40_000, True), ("png", 3_000, False), ("mp4", 40_000, False)]
)
def test_a_picture_that_may_show_words_is_a_low_finding(kind, size, found):
    mail = mail_of("See attached", parts=[Part("2", "a", "", kind, size, State.NO_TEXT, "", True)])
    expected = [("picture", Confidence.LOW)] if found else []
    assert [(item.kind, item.confidence) for item in seen(mail, "unreadable")] == expected


@pytest.mark.parametrize("state", [State.READ, State.NO_TEXT])
def test_what_is_read_or_a_picture_is_no_finding(state):
    mail = mail_of("See attached", parts=[Part("2", "a.bin", "image/png", "png", 10, state, "", True)])
    assert seen(mail, "unreadable") == ()


@pytest.mark.parametrize("kind", ["zip", "7z", "rar", "docx", "office-encrypted", "pdf"])
def test_what_a_password_closes_is_never_called_clean(kind):
    part = Part("2", "a", "", kind, 10, State.ENCRYPTED, "encrypted with a password", True)
    mail = mail_of("See attached", parts=[part])
    assert [(item.kind, item.confidence) for item in seen(mail, "unreadable")] == [("password", Confidence.HIGH)]
    assert mail.contents.unreadable == (part,)


@pytest.mark.parametrize("kind", ["cms", "pgp", "binary", "txt"])
def test_what_is_encrypted_to_a_key_is_no_finding(kind):
    mail = mail_of("", parts=[Part("1", "smime.p7m", "", kind, 10, State.ENCRYPTED, "S/MIME")])
    assert seen(mail, "unreadable") == ()
    assert mail.contents.unreadable == ()


def test_defects_and_fragments_are_findings_of_the_mail():
    mail = mail_of("x", defects=("two boundaries",), partial=True)
    assert [item.kind for item in seen(mail, "unreadable")] == ["malformed", "partial"]


def test_a_hidden_sheet_of_people_is_high_and_listed():
    rows = (("Name", "DOB"), ("Ann Brown", "12/04/1978"), ("John Price", "01/02/1950"))
    table = Table("Residents.xlsx, sheet 'Data' (hidden)", rows, 212, "hidden sheet 'Data'")
    mail = mail_of("Attached", tables=[table], hidden=[Hidden("Residents.xlsx", "hidden sheet 'Data'", 212)])
    found = {item.rule: item for item in seen(mail, "hidden_data", *PERSONAL)}
    assert found["people_list"].where == "Residents.xlsx, sheet 'Data' (hidden)"
    assert found["people_list"].why.endswith("people: name, date of birth.")
    assert found["people_list"].count == 211
    assert found["hidden_data"].confidence is Confidence.HIGH
    assert "hidden sheet 'Data'" in found["hidden_data"].why


@pytest.mark.parametrize(
    ("address", "others", "found"),
    [
        (MEMBER, (), False),
        ("ann.brown@homemail.example", (), False),
        ("j.price@homemail.example", (), True),
        (MEMBER, (("John Price", "01632 960777", "j.price@homemail.example", "4 Mill Lane, Fylde FY8 4AB"),), True),
    ],
)
def test_the_members_own_card_is_no_list_of_people(address, others, found):
    head = ("Name", "Telephone", "Email", "Address")
    rows = (head, ("Ann Brown", "01632 960123", address, "3 Chapel Row, Fylde FY8 4AA"), *others)
    card = Table("card.vcf", rows, len(rows))
    mail = mail_of("My details", tables=[card], own_private=["ann.brown@homemail.example"])
    assert bool(seen(mail, "people_list")) is found


@pytest.mark.parametrize(
    ("what", "count", "level"),
    [
        ("pivot cache with 40 records", 40, Confidence.HIGH),
        ("very hidden sheet 'x'", 3, Confidence.MEDIUM),
        ("1 hidden column in sheet 'x'", 1, Confidence.LOW),
        ("12 hidden rows in sheet 'x'", 12, Confidence.MEDIUM),
        ("comments", 2, Confidence.MEDIUM),
        ("tracked deletions", 2, Confidence.MEDIUM),
        ("slide notes", 9, Confidence.LOW),
    ],
)
def test_what_is_hidden_weighs_by_kind(what, count, level):
    (found,) = seen(mail_of("Attached", hidden=[Hidden("a.xlsx", what, count)]), "hidden_data")
    assert found.confidence is level


def test_document_properties_are_no_finding():
    assert seen(mail_of("Attached", hidden=[Hidden("a.docx", "document properties", 5)]), "hidden_data") == ()


def test_a_tracked_deletion_that_names_a_person_is_high():
    text = Text(
        "Letter.docx, tracked deletion", Layer.ATTACHMENT, "Ann Brown, NHS number 943 476 5919", "tracked deletion"
    )
    mail = mail_of("x", texts=[text], hidden=[Hidden("Letter.docx", "tracked deletions", 1)])
    (found,) = [item for item in seen(mail, "hidden_data", *PERSONAL) if item.rule == "hidden_data"]
    assert found.confidence is Confidence.HIGH


def test_the_senders_signature_and_own_addresses_are_not_personal_data():
    text = "Ann Brown\n12 Mill Lane, Ormskirk L39 1AA\n07700 900123\nann.brown@gmail.com"
    assert seen(mail_of(text, layer=Layer.SIGNATURE), "phone_number", "postal_address", "email_address") == ()
    member = Member("cllr.brown@council.example", private_addresses=("ann.brown@gmail.com",))
    assert seen(mail_of("Write to ann.brown@gmail.com", member=member), "email_address") == ()
    assert seen(mail_of("Ring the council on 01632 961234"), "phone_number") == ()


def test_an_approved_cloud_is_no_finding():
    mail = mail_of("https://x-my.sharepoint.com/:x:/g/abc")
    assert [item.confidence for item in seen(mail, "cloud_link")] == [Confidence.MEDIUM]
    assert findings(mail, rule_of("cloud_link", allowed=("x-my.sharepoint.com",))) == ()

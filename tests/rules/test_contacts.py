"""Whose an address, a number or a mail address is: somebody's where the text says so, else nobody's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.mails import MEMBER, mail_of

from mailguard.examine import build_examiner, load_config
from mailguard.mail.contents import Headers, Layer, Text
from mailguard.mail.evidence import Confidence
from mailguard.mail.people import Member
from mailguard.matching.masking import Fingerprints

HIS = (
    "Please ring Mrs Ada Holroyd on 07700 900123.",
    "Her mobile is 07700 900123, best after six.",
    "The tenant's private mail: ada.holroyd@btinternet.com",
    "He lives at 14 Acacia Road, Nelson, BB9 7AA.",
    "Resident: Miss Rhian Prydderch\nAddress: 3 Tan y Bryn, Wrexham LL13 8AA",
    "I live at 14 Acacia Road, Nelson, BB9 7AA. Gladys Holroyd",
    "Patient Ada Holroyd was born on 12/04/1978.",
    "From the surgery on Saturday: Mrs Ada Holroyd, 01632 960123",
    "Council tax payer Ada Holroyd, Flat 2, Kelvin House, Castlegate, Norwich NR3 1AB",
    "Occupier Mrs Holroyd, 96 Castlegate, Norwich NR3 1AB",
    "Could you visit Mrs Holroyd at Rose Cottage, Mill Lane, Nelson BB9 7AA?",
    "Correspondence address: 14 Acacia Road, Nelson, BB9 7AA",
    "Her son Colin looks after things, 0207 946 0018",
    "Megan's mobile number is 07700 900123",
    "Address: 14 Acacia Road, Nelson, BB9 7AA",
    "A tenant has no heating.\n\nAddress: 14 Acacia Road, Nelson, BB9 7AA",
    "Mum lives alone at 14 Acacia Road, Nelson, BB9 7AA",
    "email for Megan: megan56@gmail.com",
    "Addr for Megan Holroyd: 14 Acacia Road, Nelson BB9 7AA",
    "ADA.HOLROYD@BTINTERNET.COM (Mrs Holroyd)",
    "14 Acacia Road, Nelson\nBB9 7AA\n\nDear Councillor, the bins were missed.",
    "Mrs Hall can be reached on 01254 496001",
    "You can get Megan on megan56@gmail.com after school",
    "He asked for a call on 07700 900123 before Friday.",
    "The woman at 14 Acacia Road, Nelson, BB9 7AA has heard shouting.",
    "I think the girl lives with her gran at 14 Acacia Road, Nelson, BB9 7AA.",
    "The flat is 14 Acacia Road, Nelson, BB9 7AA and the tenant is Ada Holroyd.",
    "Ada Holroyd would like a copy of last month's statement sent to holroyd72@gmail.com.",
    "holroyd72@gmail.com is the address Miss Holroyd gave me",
    "A complaint came from ada.holroyd@gmail.com about the noise.",
    "Give Megan a bell on 07700 900123 about the flood",
    "Could you drop Megan a line at megan56@gmail.com?",
    "The children at 14 Acacia Road, Nelson, BB9 7AA haven't been to school for weeks.",
    "Try 07700 900123, she's the one with the leak",
    "Could officers please contact Mrs Holroyd direct (01254 496001) about the leak?",
    "I write for Ada Holroyd, 14 Acacia Road, Nelson, BB9 7AA, who is awaiting surgery.",
    "Mrs Holroyd of 14 Ropery, BB9 7AA has no heating.",
    "Mrs Holroyd of 14 Old Weavers Nelson BB9 7AA has no heating.",
    "Mrs Holroyd, Ty Celyn, Broadway, Nelson BB9 7AA",
    "Disabled bay outside 14 Acacia Road, Nelson, BB9 7AA for Mrs Holroyd",
    "Siân Holroyd, 07700 900123, has rung.",
    "Mrs Ada Holroyd's land line is 01254 496001",
    "Mrs Ada Holroyd says her hedge at 14 Acacia Road, Nelson, BB9 7AA is dead.",
    "Dear Councillor, my kitchen is damp and my number is 07700 900123.",
    "Hi councillor, I'm at 14 Acacia Road, Nelson, BB9 7AA and the lamp is out.",
    "Mrs Holroyd - 01254 496001 - re: planning letter she got",
    "Holroyd's case: 0770 090 0123 is her number",
    "07700 900123 Megan re rent",
    "Miss Holroyd, Hafod Wen, Treorci, CF42 4YS, asked for a hearing",
    "Her parents are at The Old Forge, Feock, Truro TR3 7XZ",
    "A complaint from Ada Holroyd at 14 (2F1) Acacia Road, Dundee DD3 7HJ",
    "I write for my mother, Ada Holroyd, Higher Barn Farm, Slaidburn, BB7 3AD",
    "Cllr Reid has had Ada Holroyd on, 14 Acacia Road, Nelson BB9 7AA, about the noise.",
    "I went to see Megan at 14 Acacia Road, Nelson, BB9 7AA.",
    "ada.holroyd@btinternet.com complained about the school run",
    "Mrs Holroyd at no 9, 01254 496001, can't get to the hospital",
)
NOBODYS = (
    "Contact the planning officer, Mr Tom Reid, on 07700 900123.",
    "Tickets from Mrs Ada Holroyd, 07700 900123.",
    "The clerk, Mrs Ada Holroyd, 14 Acacia Road, Nelson, BB9 7AA",
    "Application by Mrs Ada Holroyd, 14 Acacia Road, Nelson, BB9 7AA: two-storey extension",
    "My number is 07700 900123, best after six.",
    "Dear Mr Holroyd, my mobile is 07700 900123. Do ring.",
    "My new address is 14 Acacia Road, Nelson.",
    "Dear Mr Holroyd, write to me at 14 Acacia Road, Nelson, BB9 7AA",
    "Please ask Mrs Holroyd to ring me on 07700 900123",
    "Dear Mr Holroyd\n\nThank you.\n\nAnn Brown\n14 Acacia Road, Nelson BB9 7AA\nTel: 07700 900123",
    "As a resident of 14 Acacia Road, Nelson, BB9 7AA I declare an interest.",
    "Application by Ada Holroyd for a vehicle crossing at 14 Acacia Road, Nelson, BB9 7AA",
    "Venue: Brook Hall\nAddress: 14 Acacia Road, Nelson, BB9 7AA",
    "Ring Neil on 07700 900123 about the road works",
    "I was born on 12/04/1978 in Nelson.",
    "Her address is on file under case 4512.",
    "Parish clerks: Mrs A Fell 01632 960111; Mr T Hoyle 01632 960222; Miss K Penn 01632 960333.",
    "Hall bookings: Mrs Holroyd, 01254 496001, about hiring the hall",
    "Flooding on Moor View, Mill Lane, Nelson BB9 7AA",
    "IT helpdesk 01254 496001 Megan will reset it",
    "In our view, Station Road, Nelson, BB9 7AA needs gritting.",
    "Mrs Ada Holroyd should ring the repairs line on 01254 496001",
    "Mrs Ada Holroyd says the hedge at 14 Acacia Road, Nelson, BB9 7AA is dead.",
    "The pothole is outside 14 Acacia Road, Nelson, BB9 7AA.",
    "The polling station has moved.\nAddress: 14 Acacia Road, Nelson, BB9 7AA",
    "Fly-tipping report\n\nAddress: 14 Acacia Road, Nelson, BB9 7AA",
    "> From: Ada Holroyd <ada.holroyd@btinternet.com>",
    "Ada Holroyd, born 12 April 1878, lived at 14 Acacia Road, Nelson, BB9 7AA.",
    "Mrs Holroyd should ring Highways on 01254 496001.",
    "I told Mrs Holroyd to call the benefits line, 01254 496001.",
    "He can phone the housing team on 01254 496001 between nine and five.",
    "She should see the ombudsman, or ring 01254 496001.",
    "She tells me the helpline is on 01254 496001.",
    "Mr Holroyd may like to try Age UK, 01254 496001",
    "Mrs Holroyd says the lamp opposite 14 Acacia Road, Nelson, BB9 7AA is out.",
    "A tree fell in front of 14 Acacia Road, Nelson, BB9 7AA, Mr Holroyd rang to say.",
    "She tripped over a kerb at 14 Acacia Road, Nelson, BB9 7AA.",
    "The coordinator, Ada Holroyd, is on 01254 496001.",
    "Plumber: Colin Holroyd, 07700 900123, does a good job.",
    "The headteacher said her number is 01254 496001.",
    "An e-mail came from brookinbloom@gmail.com about the baskets.",
    "On 12 June Mrs Holroyd met us in Nelson BB9 7AA.",
    "Item 12 Old Library Nelson BB9 7AA: Mr Holroyd spoke.",
    "Dear Councillor, the hall is damp and my number is 07700 900123.",
)


FORWARDED = (
    "My new address is 14 Acacia Road, Nelson.",
    "I was born on 12/04/1978 in Nelson.",
)


@pytest.fixture(scope="module")
def examiner():
    return build_examiner(load_config(None), Fingerprints(b"k" * 32))


def sure(examiner, text, layer=Layer.NEW):
    return private(examiner, mail_of(text, layer=layer))


def private(examiner, mail):
    found = examiner.examine(mail).findings
    return [item for item in found if item.family == "personal_data" and item.confidence >= Confidence.MEDIUM]


@pytest.mark.parametrize("text", HIS)
def test_contact_of_a_private_person_is_found(examiner, text):
    assert sure(examiner, text)


@pytest.mark.parametrize("text", NOBODYS)
def test_public_contact_and_the_members_own_are_not(examiner, text):
    assert not sure(examiner, text)


def test_the_sender_is_known_by_his_from_field_where_no_list_has_his_name(examiner):
    text = "Gladys Holroyd\n14 Acacia Road, Nelson BB9 7AA\n07700 900123"
    stranger = mail_of(text, member=Member(MEMBER))
    assert private(examiner, stranger)
    shown = (("from", f"Cllr Gladys Holroyd (Brook) <{MEMBER}>"),)
    contents = replace(stranger.contents, headers=Headers(shown))
    assert not private(examiner, replace(stranger, contents=contents))


def test_what_stands_in_the_senders_signature_is_his_own(examiner):
    text = "Mrs Ada Holroyd asked for my address: 14 Acacia Road, Nelson BB9 7AA"
    assert sure(examiner, text)
    signature = Text("signature", Layer.SIGNATURE, "Ann Brown, 14 Acacia Road, Nelson, BB9 7AA")
    assert not private(examiner, mail_of(text, texts=(signature,)))


@pytest.mark.parametrize("text", FORWARDED)
def test_what_a_resident_wrote_of_himself_and_the_member_passes_on_is_found(examiner, text):
    assert sure(examiner, text, Layer.FORWARDED)


def test_a_table_of_accounts_is_found_beside_numbers_that_are_none(examiner):
    text = "Sort code, account number\n'200000', '55779911'\n\nJob 123456 12345678 is done"
    assert [item.confidence for item in sure(examiner, text) if item.rule == "bank_account"] == [Confidence.HIGH]


@pytest.mark.parametrize(
    "text",
    [
        "The author Colin Holroyd was born on 3 March 1950 and will be 76 when the hall opens on 11 May 2026.",
        "The memorial for Pte James Alder (born 12 February 1893) will be on 11 November 2025.",
    ],
)
def test_a_date_after_that_of_a_birth_is_no_child_s(examiner, text):
    assert not sure(examiner, text)


LETTER = "I am a resident of Brook, and the gutter leaks.\n\nYours faithfully"
NOTE = "The gutter leaks.\n\nYours faithfully"
HOME = "{name}\n14 Acacia Road\nNelson\nBB9 7AA\nMob 07700 900123"


def signed(examiner, name, text=LETTER, **about):
    signature = Text("signature", Layer.SIGNATURE, HOME.format(name=name))
    return private(examiner, mail_of(text, texts=(signature,), **about))


def test_the_signature_of_another_in_a_letter_passed_on_is_no_own_contact(examiner):
    assert signed(examiner, "Gladys Holroyd")
    assert signed(examiner, "Gladys Holroyd", member=Member(MEMBER, name="Ann Brown"))


@pytest.mark.parametrize(
    "name", ["Ann Brown", "Annie Brown", "Cllr Gladys Holroyd", "Gladys Holroyd, Planning Officer"]
)
def test_a_signature_with_the_members_name_or_of_an_office_stays_his(examiner, name):
    assert not signed(examiner, name)


def test_a_letter_tells_by_its_words_whose_it_is(examiner):
    nameless = Member(MEMBER.replace("brown", "ward"))
    for member in (nameless, Member(MEMBER, name="Ann Brown")):
        assert not signed(examiner, "Gladys Holroyd", NOTE, member=member)
        assert signed(examiner, "Gladys Holroyd", member=member)


def test_a_delegates_signature_is_no_strangers(examiner):
    mail = mail_of(LETTER, texts=(Text("signature", Layer.SIGNATURE, HOME.format(name="Gladys Holroyd")),))
    assert private(examiner, mail)
    delegated = replace(mail, sender=replace(mail.sender, delegate="pa@council.example"))
    assert not private(examiner, delegated)


@pytest.mark.parametrize(
    ("found", "passed"),
    [
        (
            "Dear Councillor, you can ring me on 07700 900123 after six. Gladys Holroyd",
            "You can ring me on 07700 900123.",
        ),
        (
            "Name:\nGladys Holroyd\n\nEmail:\ngladys@sky.com",
            "Name: Gladys Holroyd\n\nThe clerk's list\n\ngladys@sky.com",
        ),
        ("The lady at 14 Acacia Road, Nelson BB9 7AA is deaf", "The shop at 14 Acacia Road, Nelson BB9 7AA is shut"),
        ("Mould at 14 Acacia Road, Nelson BB9 7AA", "Planning: 14 Acacia Road, Nelson BB9 7AA"),
        ("07700 900123 is the number for Gladys Holroyd", "07700 900123 is the number of the raffle"),
        ("Please tell gl@sky.com that her bin is coming", "Please tell gl@sky.com"),
        ("G Holroyd, 14 Acacia Road, Nelson BB9 7AA", "A Brown, 14 Acacia Road, Nelson BB9 7AA"),
    ],
)
def test_what_is_told_of_it_makes_a_contact_somebodys(examiner, found, passed):
    assert private(examiner, mail_of(found))
    assert not private(examiner, mail_of(passed))

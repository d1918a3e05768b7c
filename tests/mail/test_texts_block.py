"""A signature of office without a delimiter, as Outlook puts it under every mail, and what only looks like one."""

from __future__ import annotations

import time

import pytest

from mailguard.mail.contents import Layer
from mailguard.mail.texts import Thread, split

LETTER = "The bins on Mill Lane will be emptied tomorrow.\n\nAnn\n\n"
OUTLOOK = (
    "Cllr Ann Marsh\nPurple Party, Brook Ward\nChair of Scrutiny\nAnytown Council\n"
    "Town Hall, High Street, Anytown AN1 2BC\nTel: 01632 960001 | Mob: 07700 900001\n"
    "ann.marsh@anytown.example | www.anytown.example\n"
)


def layers(text):
    return split(text, Thread())


@pytest.mark.parametrize(
    "block",
    [
        OUTLOOK,
        "Councillor Ann Marsh MBE\nBrook Ward\n01632 960001\n",
        "Ann Marsh\nPurple councillor for Brook\nAnytown Council\nwww.anytown.example\n",
        "Mrs Ann Marsh\nLeader of the Council\nTown Hall, Anytown\nann.marsh@anytown.example\n",
        "Cynghorydd Siân Pugh\nWard y Bryn\nCyngor Tref\n01632 960001\n",
    ],
)
def test_a_block_of_name_office_and_contacts_is_a_signature(block):
    found = layers(LETTER + block)
    assert found[Layer.NEW] == LETTER.strip()
    assert found[Layer.SIGNATURE] == block.strip()


@pytest.mark.parametrize(
    "block",
    [
        "Amina Begum\n31 Dock Street\nAnytown AN1 2BC\n07700 900001\n",
        "Cllr Ann Marsh will ring you on 01632 960001 about the council house in Brook ward.\n",
        "Cllr Ann Marsh\nthinks otherwise\n",
        "Mrs Begum\nSchool governor, next door to the council offices, telephone 01632 960001, and she says that:\n",
    ],
)
def test_a_residents_contacts_and_running_words_are_none(block):
    assert Layer.SIGNATURE not in layers(LETTER + block)


def test_what_is_asked_under_the_block_is_new_again():
    text = LETTER + OUTLOOK + "\nPS Please vote for our candidate on Thursday, and bring a friend along with you.\n"
    assert "vote for our candidate" in layers(text)[Layer.NEW]


def test_the_disclaimer_under_the_block_is_no_signature():
    notice = "\nThis email is confidential and intended solely for the addressee. Please delete it if sent in error.\n"
    found = layers(LETTER + OUTLOOK + notice)
    assert found[Layer.SIGNATURE] == OUTLOOK.strip()
    assert "addressee" in found[Layer.DISCLAIMER]


@pytest.mark.parametrize("line", ["cllr x\n", "Ab Cde\nmayor of\n"])
def test_a_megabyte_of_names_holds_no_other_mail_up(line):
    began = time.process_time()
    layers(line * (1_000_000 // len(line)))
    assert time.process_time() - began < 1.2

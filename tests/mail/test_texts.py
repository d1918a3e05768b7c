"""Layers of plain and HTML bodies, one specimen for each way mail programs quote, forward and sign."""

# ruff: noqa: E501  specimen lines stay as mail programs write them

from __future__ import annotations

import pytest

from mailguard.mail.contents import Layer
from mailguard.mail.html import read
from mailguard.mail.texts import Thread, split

REPLY = Thread(reply=True)
FRESH = Thread()
FORWARD = Thread(forward=True)


def words(found: dict[Layer, str], layer: Layer) -> str:
    return " ".join(found.get(layer, "").split())


OUTLOOK = """Dear Mrs Pugh,

The bin will be emptied on Friday.

Kind regards,

Ann Marsh
Councillor for Brook ward
01632 960001

From: Ceri Pugh <ceri@home.example>
Sent: 04 May 2022 10:01
To: Marsh, Ann (Cllr)
Subject: Bins

Nobody came to empty my bin, please vote them out.
Ceri
"""

PLAIN = {
    "outlook": (OUTLOOK, "bin will be emptied", "vote them out", "Brook ward"),
    "outlook in bold": (
        "See below.\n\n*From:* Ceri Pugh\n*Sent:* 4 May 2022\n*To:* Ann\n*Subject:* Bins\n\nVote them out.\n",
        "See below.",
        "Vote them out",
        "",
    ),
    "original message": (
        "I agree.\n\n-----Original Message-----\nFrom: A\nSent: today\nTo: B\nSubject: C\n\nOld words here.\n",
        "I agree.",
        "Old words",
        "",
    ),
    "gmail": (
        "Thanks, will do.\n\nOn Tue, 3 May 2022 at 10:01, Ceri Pugh <ceri@home.example> wrote:\n\n> Old words here\n> and here\n",
        "will do",
        "Old words here and here",
        "",
    ),
    "gmail, attribution on two lines": (
        "Will do.\n\nOn Tue, 3 May 2022 at 10:01, Ceri Pugh <ceri.pugh.of.long.address@home.example>\nwrote:\n\n> Old words\n",
        "Will do.",
        "Old words",
        "",
    ),
    "apple": (
        "Yes please.\n\n> On 3 May 2022, at 10:01, Ceri Pugh <ceri@home.example> wrote:\n> \n> Old words here\n",
        "Yes please.",
        "Old words",
        "",
    ),
    "phone": (
        "On my way.\n\nSent from my iPhone\n\n> On 3 May 2022, at 10:01, Ceri Pugh wrote:\n>\n> Old words here\n",
        "On my way.",
        "Old words",
        "Sent from my iPhone",
    ),
    "outlook on a phone": (
        "On my way.\n\nGet Outlook for iOS<https://aka.example/x>\n________________________________\n"
        "From: Ceri <c@home.example>\nSent: Tuesday\nTo: Ann\nSubject: Bins\n\nOld words here\n",
        "On my way.",
        "Old words",
        "Get Outlook for iOS",
    ),
    "thunderbird": ("Yes.\n\nOn 03/05/2022 10:01, Ceri Pugh wrote:\n> Old words here\n", "Yes.", "Old words", ""),
    "welsh outlook": (
        "Diolch am eich neges.\n\nCofion gorau,\nAnn\n\nOddi wrth: Ceri Pugh\nAnfonwyd: 4 Mai 2022\nAt: Ann\n"
        "Pwnc: Biniau\n\nHen eiriau yma.\n",
        "Diolch am eich neges.",
        "Hen eiriau",
        "Cofion gorau",
    ),
    "welsh gmail": (
        "Iawn, diolch i chi.\n\nAr Maw, 3 Mai 2022 am 10:01 ysgrifennodd Ceri <c@home.example>:\n\n> Hen eiriau\n",
        "Iawn, diolch i chi.",
        "Hen eiriau",
        "",
    ),
    "attribution without marks": (
        "Yes.\n\nOn 3 May 2022 at 10:01 Ceri Pugh <c@home.example> wrote:\n\nOld words here\nand there.\n",
        "Yes.",
        "Old words here and there.",
        "",
    ),
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_reply_is_parted_from_what_it_answers(name: str) -> None:
    text, new, quoted, signature = PLAIN[name]
    found = split(text, REPLY)
    assert new in words(found, Layer.NEW)
    assert quoted not in words(found, Layer.NEW)
    assert quoted in words(found, Layer.QUOTED)
    assert signature in words(found, Layer.SIGNATURE)
    assert not signature or signature not in words(found, Layer.NEW)


@pytest.mark.parametrize("name", PLAIN)
def test_crlf_and_lf_give_the_same_layers(name: str) -> None:
    text = PLAIN[name][0]
    assert split(text.replace("\n", "\r\n"), REPLY) == split(text, REPLY)


@pytest.mark.parametrize("name", PLAIN)
def test_no_word_is_lost(name: str) -> None:
    text = PLAIN[name][0]
    kept = " ".join(split(text, REPLY).values())
    assert sorted(kept.replace(">", " ").split()) == sorted(text.replace(">", " ").split())


def test_answers_between_quoted_lines_stay_new() -> None:
    text = "On 3 May 2022, Ceri wrote:\n> Is it Monday?\n\nNo, Friday.\n\n> And the brown one?\n\nThat one on Monday.\n"
    found = split(text, REPLY)
    assert words(found, Layer.NEW) == "No, Friday. That one on Monday."
    assert "brown one" in found[Layer.QUOTED]


@pytest.mark.parametrize(
    "marker",
    [
        "---------- Forwarded message ---------",
        "-------- Forwarded Message --------",
        "Begin forwarded message:",
        "---------------------- Forwarded by Ann Marsh/Council on 03/05/2022 ----------------------",
        "----- Neges a Anfonwyd Ymlaen -----",
    ],
)
def test_a_comment_above_a_forwarded_leaflet_is_new(marker: str) -> None:
    text = f"Please deliver these.\n\n{marker}\nFrom: HQ\nDate: today\nSubject: Leaflet\nTo: all\n\nVote for us on 5 May.\n"
    found = split(text, FRESH)
    assert words(found, Layer.NEW) == "Please deliver these."
    assert "Vote for us" in found[Layer.FORWARDED]


def test_outlook_forwards_with_the_block_of_a_reply() -> None:
    assert "vote them out" in split(OUTLOOK, FORWARD)[Layer.FORWARDED]


def test_quoting_in_a_mail_that_answers_nothing_counts_as_passed_on() -> None:
    assert "Vote for us" in split("> Vote for us on 5 May.\n", FRESH)[Layer.FORWARDED]


@pytest.mark.parametrize(
    "text",
    [
        "Dear all,\nFrom: the north side we hear of potholes.\nPlease vote.\n",
        "On Tuesday we met a resident, who thanked us.\nShe will come again.\n",
        "Thank you for your letter, which I passed to the officers today.\nThey will call.\n",
        "To: be or not to be\n",
    ],
)
def test_ordinary_sentences_stay_new(text: str) -> None:
    assert set(split(text, FRESH)) == {Layer.NEW}


@pytest.mark.parametrize(
    "closing",
    [
        "Kind regards,",
        "Regards",
        "Many thanks",
        "Best wishes",
        "Yours sincerely",
        "Cofion",
        "Yn gywir,",
        "Cofion cynnes",
        "-- ",
    ],
)
def test_a_signature_begins_at_its_closing_words(closing: str) -> None:
    found = split(
        f"The road is closed today.\n\n{closing}\n\nAnn Marsh\nCouncillor, Brook ward\nTel: 01632 960001\n", FRESH
    )
    assert words(found, Layer.NEW) == "The road is closed today."
    assert "Brook ward" in found[Layer.SIGNATURE]


def test_a_sentence_after_the_signature_is_new_again() -> None:
    text = "Hello.\n\nKind regards\nAnn\n\nPS Remember that you can vote for our candidate in the by-election on Thursday.\n"
    assert "vote for our candidate" in split(text, FRESH)[Layer.NEW]


def test_thanks_within_a_letter_is_no_signature() -> None:
    text = "Thanks\n\nI have read your letter and will raise the matter with the officers at the next meeting.\n"
    assert Layer.SIGNATURE not in split(text, FRESH)


@pytest.mark.parametrize(
    "letter",
    [
        "Confidential: Mrs Evans of Mill Lane has been diagnosed with dementia. See the attachment.",
        "CONFIDENTIAL\nThe family of number 4 is known to the safeguarding team.",
        "Privileged access to the hall was given to Mr Price.",
    ],
)
def test_a_letter_that_is_marked_confidential_is_the_writers_own(letter: str) -> None:
    assert words(split(f"Hello,\n\n{letter}\n", FRESH), Layer.NEW) == f"Hello, {' '.join(letter.split())}"


@pytest.mark.parametrize(
    "notice",
    [
        "This e-mail and any attachments are confidential and intended solely for the addressee.",
        "Confidential: if you are not the addressee, any use is forbidden.",
        "Disclaimer: the information in this message may be privileged. If you are not the intended recipient, delete it.",
        "Mae'r neges e-bost hon ac unrhyw atodiadau yn gyfrinachol ac wedi'u bwriadu ar gyfer y derbynnydd yn unig.",
        "Any views expressed are those of the sender and do not necessarily represent those of the council.",
        "Please consider the environment before you print this.",
    ],
)
def test_a_council_notice_is_a_disclaimer(notice: str) -> None:
    found = split(f"The road is closed.\n\nRegards\nAnn\n\n{notice}\n", FRESH)
    assert words(found, Layer.DISCLAIMER) == notice
    assert words(found, Layer.NEW) == "The road is closed."


def test_words_after_a_notice_are_new() -> None:
    text = "This e-mail is confidential and intended for the recipient.\n\nVote for our candidate on Thursday, tell all friends.\n"
    found = split(text, FRESH)
    assert "Vote for our candidate" in found[Layer.NEW]


HTML = {
    "gmail": (
        '<div dir="ltr">Will do.</div><br><div class="gmail_quote"><div class="gmail_attr">On Tue, 3 May 2022 at 10:01, '
        'Ceri &lt;<a href="mailto:c@home.example">c@home.example</a>&gt; wrote:<br></div>'
        '<blockquote class="gmail_quote">Old words</blockquote></div>'
    ),
    "outlook": (
        '<div class=WordSection1><p class=MsoNormal>Will do.<o:p></o:p></p><div><div style="border:none;'
        'border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class=MsoNormal><b>From:</b> Ceri<br><b>Sent:</b> '
        "4 May<br><b>To:</b> Ann<br><b>Subject:</b> Bins</p></div></div><p class=MsoNormal>Old words</p></div>"
    ),
    "outlook on the web": (
        '<div>Will do.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><font><b>From:</b> Ceri<br>'
        "<b>Sent:</b> 4 May<br><b>To:</b> Ann<br><b>Subject:</b> Bins</font></div><div>Old words</div>"
    ),
    "apple": (
        '<div>Will do.</div><div><br><blockquote type="cite"><div>On 3 May 2022, at 10:01, Ceri wrote:</div>'
        "<div>Old words</div></blockquote></div>"
    ),
    "thunderbird": (
        '<p>Will do.</p><div class="moz-cite-prefix">On 03/05/2022 10:01, Ceri wrote:<br></div>'
        '<blockquote type="cite" cite="mid:x@y"><p>Old words</p></blockquote>'
    ),
}


@pytest.mark.parametrize("name", HTML)
def test_an_html_reply_is_parted_from_what_it_answers(name: str) -> None:
    found = split(read(f"<html><body>{HTML[name]}</body></html>").marked, REPLY)
    assert words(found, Layer.NEW) == "Will do."
    assert "Old words" in found[Layer.QUOTED]


def test_html_answers_between_quotes_stay_new() -> None:
    page = "<blockquote type=cite>Is it Monday?</blockquote><p>No, Friday.</p><blockquote type=cite>Really?</blockquote>Yes."
    found = split(read(page).marked, REPLY)
    assert words(found, Layer.NEW) == "No, Friday. Yes."


def test_html_signatures_have_marks_of_their_own() -> None:
    page = '<div>Hello there.</div><div class="gmail_signature">Ann Marsh<br>Vote Purple!</div>'
    found = split(read(page).marked, FRESH)
    assert words(found, Layer.NEW) == "Hello there."
    assert "Vote Purple!" in found[Layer.SIGNATURE]


@pytest.mark.parametrize(
    "words",
    [
        "This email is about Mrs Evans of 14 Acacia Road; the attachments are her medical reports.",
        "We process his claim with some delay, and the letter is confidential.",
        "This message is to ask you all to vote on Thursday. Leaflets are in the attachments.",
    ],
)
def test_a_letter_about_somebody_is_no_notice_however_it_begins(words: str) -> None:
    assert split(f"Dear Tom,\n\n{words}")[Layer.NEW].endswith(words)


def test_a_notice_that_speaks_of_him_or_her_is_one() -> None:
    words = "This e-mail is confidential. Only the addressee may read it, and he/she must not disclose it to others."
    assert split(f"Dear Tom,\n\n{words}")[Layer.DISCLAIMER] == words

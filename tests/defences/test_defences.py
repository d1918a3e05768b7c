"""Each defence with mails it must save and mails it must not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.mails import mail_of, tools

from mailguard.defences.registry import defence_classes
from mailguard.examine import Examiner
from mailguard.mail.contents import Headers, Layer, Text
from mailguard.rules.registry import rule_classes

TOOLS = tools()
EXAMINER = Examiner(
    [kind(kind.options_type(), TOOLS) for kind in rule_classes().values()],
    [kind(kind.options_type(), TOOLS.words, TOOLS.data) for kind in defence_classes().values()],
)
GROUP = ("cllr.hill@council.example", "cllr.reed@council.example")
IMPRINT = "\nPromoted by A. Webb on behalf of Jo Marsh, both at 4 Mill Lane, Anytown AN1 2BC\n"
CAMPAIGN = "Vote Labour on Thursday! The Tories have failed this town. Join us to canvass on Saturday and donate today."


def held(mail):
    examined = EXAMINER.examine(mail)
    assert not examined.faults
    return {item.name for item in examined.exemptions}


def grouped(text, to=GROUP, roster=GROUP):
    mail = mail_of(text, to=to)
    return replace(mail, audience=replace(mail.audience, group=frozenset(roster)))


def quoted(text, layer, content):
    return mail_of(text, texts=[Text(str(layer), layer, content)])


OFFICER = "monitoring.officer@council.example"
REPORT = (
    "I believe that this leaflet is against the protocol, for it shows a council address. Please investigate.\n"
    f'It says: "{CAMPAIGN} Write to jo@council.example." {IMPRINT}'
)
MOTION = (
    "Please accept this motion, proposed by me and seconded by Cllr Reed.\nThis Council notes that Labour and "
    "Conservative governments have failed to fund care. Council resolves to write to the Secretary of State."
)
LEAFLET = (
    "Labour has failed this town. Only the Conservatives will freeze council tax and mend our roads. On Thursday 7 May "
    "vote Conservative. Vote for Jo Marsh in Mill ward."
)
NOTES = "This Council notes that the pool is shut, believes in it, and this Council resolves, and this Council calls. "
RELEASE = "Press release, for immediate release: I have reported the missed bins, and the pothole will be repaired."
AMENDMENT = "The Labour group's amendment to the budget motion goes to full council on Tuesday; comments by Friday."
PARTY = "The branch AGM will select candidates; please also bring leaflets for canvassing after the budget motion."


@pytest.mark.parametrize(
    ("defence", "mail"),
    [
        ("group_business", grouped(AMENDMENT)),
        ("group_business", grouped(AMENDMENT, to=(*GROUP, "clerk@council.example"))),
        ("casework", mail_of("Thank you for your email. I have reported the missed bin to the waste team.")),
        ("election_fact", mail_of("Jo Marsh was elected for Mill ward on 4 May and holds the post of chair.")),
        (
            "party_in_signature",
            quoted("The meeting is at six.", Layer.SIGNATURE, "Cllr Ann Brown\nOnly Labour Party, proud member"),
        ),
        ("official_notice", mail_of("Notice of election. Nomination papers go to the Returning Officer by 4pm.")),
        ("minutes", mail_of("Minutes of the meeting. Apologies for absence: Cllr Hill. It was resolved to write.")),
        ("newsletter", mail_of("Mill Ward newsletter, spring edition. In this issue: dates for your diary.")),
        ("media_letter", mail_of("Not for publication. Dear editor, some background.", to=["newsdesk@paper.example"])),
        ("casework", mail_of("Thank you for your email. The warden will clear the dog shit by your missed bin.")),
        ("minutes", mail_of(MOTION, to=["democratic.services@council.example"])),
        ("complaint", mail_of(REPORT, to=[OFFICER])),
        ("complaint", mail_of(REPORT, to=["members.services@council.example", "callum.hall@council.example"])),
        ("minutes", mail_of(f"{NOTES}Eleven voted for the Labour motion, and four for the Conservative amendment.")),
        ("complaint", mail_of("Cwyn: does this breach the cod ymddygiad?", to=[OFFICER, "pa@council.example"])),
        ("quoted_text", quoted("Noted, thanks.", Layer.QUOTED, CAMPAIGN)),
        ("de_minimis", mail_of("Running late, see you at seven.")),
        ("emergency", mail_of("Flood warning: the rest centre is open and people are being evacuated.")),
        ("claimed_exemption", mail_of("[group business] As agreed with the monitoring officer, papers attached.")),
        ("council_petition", mail_of("The petition was presented to full council under the petition scheme.")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_saves(defence, mail):
    assert defence in held(mail)


@pytest.mark.parametrize(
    ("defence", "mail"),
    [
        ("group_business", grouped(AMENDMENT, to=(*GROUP, "friend@outside.example"))),
        ("group_business", grouped(AMENDMENT, roster=GROUP[:1], to=("other@outside.example",))),
        ("group_business", grouped(AMENDMENT, to=("clerk@council.example",))),
        ("group_business", grouped(PARTY)),
        ("group_business", grouped("See you all on Friday at the usual place.")),
        ("casework", mail_of(f"Thank you for your email. I have reported the bin.{IMPRINT}")),
        ("casework", mail_of(f"Thank you for your email. I have reported the bin. {CAMPAIGN}")),
        (
            "casework",
            mail_of("Thank you for your email. I have reported it.", to=[f"r{n}@outside.example" for n in range(9)]),
        ),
        ("casework", mail_of("Thank you for your email. I have reported the bin.", to=["newsdesk@paper.example"])),
        ("casework", mail_of(RELEASE)),
        ("casework", mail_of("Thank you for your email. I have reported your missed bin, you stupid cow.")),
        ("minutes", mail_of("This Council has failed us. Vote Labour on Thursday!")),
        (
            "minutes",
            mail_of(f"{NOTES}{LEAFLET}"),
        ),
        ("complaint", mail_of(REPORT)),
        ("complaint", mail_of(REPORT, to=["all.members@council.example"])),
        ("complaint", mail_of(REPORT, to=["residents@lists.council.example"])),
        ("complaint", mail_of(f"The complaint is clear, and complaints are many. {CAMPAIGN}", to=[OFFICER])),
        ("complaint", mail_of(REPORT, to=[OFFICER, "resident@outside.example"])),
        ("complaint", mail_of(REPORT, to=GROUP[:1], members=GROUP)),
        ("complaint", mail_of(REPORT, to=[f"officer{n}@council.example" for n in range(4)])),
        ("complaint", mail_of(CAMPAIGN, to=[OFFICER])),
        ("election_fact", mail_of("Jo Marsh was elected for Mill ward. Vote Labour again on Thursday!")),
        ("party_in_signature", quoted("Hello.", Layer.SIGNATURE, "Ann Brown. Vote Labour on 7 May!")),
        ("party_in_signature", mail_of(CAMPAIGN)),
        ("official_notice", mail_of(f"Notice of election: register to vote by Monday. {CAMPAIGN}")),
        ("minutes", mail_of(f"Minutes of the meeting. {CAMPAIGN}")),
        ("newsletter", mail_of(f"Mill Ward newsletter, spring edition. In this issue: {CAMPAIGN}")),
        ("media_letter", mail_of("Dear editor, here is my view.", to=["newsdesk@paper.example"])),
        ("media_letter", mail_of("Not for publication.", to=["newsdesk@paper.example", "r@outside.example"])),
        ("quoted_text", quoted(CAMPAIGN, Layer.QUOTED, "Vote for us")),
        ("quoted_text", quoted("FYI", Layer.FORWARDED, CAMPAIGN)),
        ("de_minimis", mail_of(CAMPAIGN)),
        ("de_minimis", mail_of("The scrutiny committee's agenda is attached. Cllr Ann Brown, chair of scrutiny")),
        ("de_minimis", mail_of("You did not get this from me.\n\nPART II - NOT FOR PUBLICATION\nSale of land")),
        ("de_minimis", mail_of("Her NI number is JG 10 37 59 A.")),
        ("de_minimis", mail_of("See you.", to=[f"r{n}@outside.example" for n in range(6)])),
        ("emergency", mail_of(f"Emergency! Flood warning! {CAMPAIGN}")),
        ("emergency", mail_of("In an emergency ring the council.")),
        ("claimed_exemption", mail_of("Papers attached.")),
        ("claimed_exemption", mail_of(f"[group business]{IMPRINT}")),
        ("council_petition", mail_of("Sign the Labour Party petition on the council e-petition page now.")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_ends(defence, mail):
    assert defence not in held(mail)


def test_a_reply_counts_for_casework():
    mail = mail_of("The officer will ring you about the pothole.", subject="Re: Pothole")
    fields = (*mail.contents.headers.fields, ("in-reply-to", "<1@outside.example>"))
    mail = replace(mail, contents=replace(mail.contents, headers=Headers(fields)))
    assert "casework" in held(mail)


def test_every_defence_cites_its_source():
    for name, kind in defence_classes().items():
        assert kind.source, name

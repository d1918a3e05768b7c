"""The five factors of the Act stand in every verdict, and hold no content."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from mailguard.mail.evidence import Confidence, Exemption, Finding
from mailguard.policy.calendar import Calendar
from mailguard.policy.facts import facts_of
from mailguard.policy.policy import Policy
from mailguard.policy.poll import Poll
from tests.support.mails import mail_of

NAMES = ["content", "style", "time", "circumstances", "likely effect"]
AT = datetime(2026, 5, 1, 12, tzinfo=ZoneInfo("Europe/London"))
POLL = Poll(name="Mill by-election", date=datetime(2026, 5, 7).date(), kind="by-election", wards=("Mill",))


def factors(findings=(), exemptions=(), periods=(), **mail):
    facts = facts_of(mail_of("Vote for us", **mail), findings, periods)
    return dict(Policy("p", "1", ()).decide(findings, exemptions, facts).factors)


def test_every_verdict_has_all_five():
    assert list(factors()) == NAMES


def test_content_names_kinds_and_level():
    seen = Finding("campaign_appeal", "body", 1, Confidence.MEDIUM, "why", kind="vote", family="political")
    said = factors([seen])
    assert "medium: vote" in said["content"]
    assert "asks for support" in said["likely effect"]


def test_weak_words_of_an_appeal_ask_for_nothing_yet():
    weak = Finding("campaign_appeal", "body", 1, Confidence.LOW, "why", kind="vote", family="political")
    assert "A few of its words may ask" in factors([weak])["likely effect"]
    assert "asks for no support" in factors()["likely effect"]


def test_time_tells_own_ward_and_others_apart():
    periods = Calendar([POLL])
    assert "of the sender's ward: Mill by-election" in factors(periods=periods.periods(AT, "Mill"))["time"]
    assert "of other wards: Mill by-election" in factors(periods=periods.periods(AT, "Castle"))["time"]
    assert "outside" in factors()["time"]


def test_scale_makes_a_section_of_the_public():
    many = [f"r{n}@outside.example" for n in range(30)]
    assert "a section of the public" in factors(to=many)["likely effect"]
    assert "letters to individuals" in factors()["likely effect"]


def test_defences_stand_in_the_circumstances():
    assert "in its favour: casework" in factors(exemptions=[Exemption("casework", "why")])["circumstances"]

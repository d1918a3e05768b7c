"""Words of campaign work and of candidacy: a leaflet and a candidate's party are facts until somebody campaigns."""

from __future__ import annotations

import pytest
from tests.support.mails import findings, mail_of, rule_of


def kinds(name, text):
    return {item.kind for item in findings(mail_of(text), rule_of(name))}


@pytest.mark.parametrize(
    "text",
    [
        "Can you help with leafleting on Saturday?",
        "We need people to deliver leaflets in Mill Lane this weekend.",
        "Bring our leaflets and the canvass sheets.",
        "The leaflet round starts at ten, and the Labour leaflets are at the office.",
    ],
)
def test_campaign_work_with_leaflets_is_an_appeal(text):
    assert "canvass" in kinds("campaign_appeal", text)


@pytest.mark.parametrize(
    "text",
    [
        "Adult social care has a new leaflet on personal budgets.",
        "Two hundred of the council's recycling leaflets are in the car.",
        "The leaflet about bowel screening is in four languages.",
        "Your complaint about the takeaway's leaflets on Mill Lane is with the wardens.",
    ],
)
def test_a_leaflet_of_a_service_is_none(text):
    assert "canvass" not in kinds("campaign_appeal", text)


def test_a_partys_candidate_is_promoted_by_asking_and_not_by_being_listed():
    assert "candidate" in kinds("candidate_promotion", "Ann Marsh is your Labour candidate in Mill ward.")
    assert "candidate" in kinds("candidate_promotion", "Please vote for the Green Party candidate.")
    nominated = "Statement of persons nominated\nMARSH Ann, Labour Party Candidate\nPRICE Jo, Green Party Candidate"
    assert "candidate" not in kinds("candidate_promotion", nominated)

"""Sees appeals to vote, join, donate, canvass, deliver, stand or select.

Law: an appeal alone is weak evidence; how it weighs is for `party_political` (POL-1: never block on one keyword).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from mailguard.rules._political import Political


class CampaignAppeal(Political):
    """One finding for each kind of appeal; English and Welsh."""

    name = "campaign_appeal"
    source = "Lancashire s6c(iii); Walsall s4, s6; Southampton D4; Manchester s2 (POL-1, POL-3)"
    lists: ClassVar[Mapping[str, str]] = {
        "vote": "appeals_vote",
        "join": "appeals_join",
        "donate": "appeals_donate",
        "canvass": "appeals_canvass",
        "stand": "appeals_stand",
    }
    says: ClassVar[Mapping[str, str]] = {
        "vote": "An appeal to vote for or against somebody.",
        "join": "An appeal to join or back a party or campaign.",
        "donate": "An appeal for money for a campaign.",
        "canvass": "A call for campaign work: canvassing, leaflets, telling, telephoning.",
        "stand": "A call to stand, nominate or select candidates, or party organisation.",
    }
    hits: ClassVar[tuple[str, ...]] = (
        "Please vote Labour on Thursday.",
        "Join us for canvassing on Saturday, and donate to the fighting fund.",
        "Pleidleisiwch dros Plaid Cymru ar 7 Mai.",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "The committee voted by eleven to four to defer the application.",
        "Your bin will be collected on Tuesday.",
    )

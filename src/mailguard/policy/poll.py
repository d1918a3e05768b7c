"""One election or referendum, as the operator enters it. Law: an explicit notice date wins over the formula (LAW-2)."""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import model_validator

from mailguard.policy.condition import Strict

Kind = Literal[
    "local",
    "county",
    "parish",
    "mayoral",
    "pcc",
    "parliamentary",
    "senedd",
    "scottish-parliament",
    "referendum",
    "neighbourhood-plan",
    "by-election",
]


class Poll(Strict):
    """`[[poll]]`: `date` is polling day, `notice` the publication of the notice of election (None: computed).

    `wards` empty means that all wards are concerned.
    """

    name: str
    date: datetime.date
    notice: datetime.date | None = None
    kind: Kind = "local"
    nation: Literal["england", "wales", "scotland", "northern-ireland"] = "england"
    wards: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Poll:
        if self.notice and self.notice >= self.date:
            raise ValueError(f"the notice of election ({self.notice}) must come before the poll ({self.date})")
        return self

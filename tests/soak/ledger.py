"""Every mail's fate, in flat arrays: what it was, what the client was told, where it arrived and how often.

Law: a mail has one number, written in it as `X-Soak-Id`, and nothing is sent twice under it by the client.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

HOP, VAULT = "hop", "vault"
ID = re.compile(rb"^X-Soak-Id: (\d+)", re.MULTILINE)
CRASH_REACH = 5.0
"""Seconds around a kill within which a stored leg may come again: its confirmation was not written down yet."""


@dataclass(frozen=True)
class Kind:
    """A sort of mail: `share` of the load, and where each must arrive once answered 250 (none named: anywhere)."""

    name: str
    share: float
    arrives: tuple[str, ...]
    stored: bool = False
    """True where its 250 stands for a row of the store, not for the hop's reply."""


@dataclass
class Account:
    """The end: counts, and the numbers of the mails that must not be."""

    counts: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


class Ledger:
    """Filled by clients and far ends while the soak runs."""

    def __init__(self, kinds: tuple[Kind, ...]) -> None:
        self.kinds = kinds
        self.kind, self.code = array("b"), array("h")
        self.began, self.took = array("d"), array("f")
        self.confirmed = {HOP: array("B"), VAULT: array("B")}
        self.unconfirmed = {HOP: array("B"), VAULT: array("B")}
        self.notices = 0
        self.again: list[tuple[int, str, float]] = []
        self.first: dict[tuple[int, str], float] = {}

    def open(self, kind: int, now: float) -> int:
        """The number of a new mail."""
        for column in (*self.confirmed.values(), *self.unconfirmed.values()):
            column.append(0)
        self.kind.append(kind)
        self.code.append(-1)
        self.began.append(now)
        self.took.append(0.0)
        return len(self.kind) - 1

    def answered(self, number: int, code: int, now: float) -> None:
        """What the client heard last; 0 where the connection ended first."""
        self.code[number] = code
        self.took[number] = now - self.began[number]

    def arrived(self, place: str, head: bytes, confirmed: bool, now: float) -> None:
        """A far end has a whole mail, and its 250 was written or was not."""
        found = ID.search(head)
        if not found:
            self.notices += 1
            return
        number = int(found[1])
        column = (self.confirmed if confirmed else self.unconfirmed)[place]
        column[number] = min(255, column[number] + 1)
        if confirmed and self.kinds[self.kind[number]].stored:
            if column[number] > 1:
                self.again.append((number, place, self.first[number, place]))
            else:
                self.first[number, place] = now

    def settle(self, cases: Mapping[int, str], waiting: Set[int], kills: list[float]) -> Account:
        """Weigh it: `cases` are states by number, `waiting` has what the store will still send."""
        account = Account()
        excused = {
            (number, place)
            for number, place, first in self.again
            if place == VAULT and any(abs(first - kill) < CRASH_REACH for kill in kills)
        }
        for number, code in enumerate(self.code):
            kind = self.kinds[self.kind[number]]
            self._weigh(account, number, kind, code, cases.get(number, ""), number in waiting)
            for place in (HOP, VAULT):
                if self.confirmed[place][number] > 1:
                    if (number, place) in excused:
                        account.counts["sent again: killed before the confirmation was recorded"] += 1
                    else:
                        account.doubled.append(self.story(number))
        return account

    def story(self, number: int) -> str:
        """One mail in a line, to be found again in the log by its moment."""
        came = ", ".join(
            f"{place} {self.confirmed[place][number]} confirmed {self.unconfirmed[place][number]} not"
            for place in (HOP, VAULT)
        )
        kind, moment = self.kinds[self.kind[number]].name, self.began[number]
        return f"#{number} {kind}: told {self.code[number]} after {self.took[number]:.2f} s at {moment:.1f}; {came}"

    def _weigh(self, account: Account, number: int, kind: Kind, code: int, case: str, waiting: bool) -> None:
        counts = account.counts
        counts["sent"] += 1
        missing = [p for p in kind.arrives if not self.confirmed[p][number] + self.unconfirmed[p][number]]
        came = any(self.confirmed[p][number] + self.unconfirmed[p][number] for p in (HOP, VAULT))
        missing = missing if kind.arrives else [] if came else [HOP]
        if code == 250:
            counts["accepted (250)"] += 1
            if not missing:
                counts["delivered"] += 1
                counts["of these released"] += case in ("delivered", "released", "delivery uncertain")
            elif case in ("held", "released", "delivery uncertain", "undelivered"):
                counts[f"kept: {case}"] += 1
            elif waiting:
                counts["kept: waits for its route"] += 1
            else:
                account.lost.append(self.story(number))
        elif code == 0:
            counts["connection ended first"] += 1
            counts["of these came through"] += came
        elif code >= 500:
            counts["refused (5xx)"] += 1
            if came:
                account.doubled.append(self.story(number))
        elif code > 0:
            counts["deferred (4xx)"] += 1
            counts["of these came through (reply lost)"] += came

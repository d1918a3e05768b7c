"""What the rules of party-political evidence share. Law: they read the neutral form, so that no party differs.

Each rule has a cheap `gate`, matched with all others in the one pass; only where it fires are the mail's
texts neutralised (once for all rules) and the rule's own cues located.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import re2

from mailguard.judge.neutral import Neutraliser
from mailguard.judge.parties import Party, parties_of
from mailguard.mail.contents import Layer, Text
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.fold import fold
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import NEVER, compiled, phrases
from mailguard.matching.scan import OWN, Scan
from mailguard.rules.rule import SELF, Rule

# A forwarded leaflet is sent on by the sender; what a reply quotes is not (POL-5). A slogan may stand in a signature.
SENT = OWN | {Layer.FORWARDED}
SENT_WITH_SIGNATURE = SENT | {Layer.SIGNATURE, Layer.DISCLAIMER}
SLOTS = {"party": "partyname", "leader": "partyleader", "who": "(?:partyname|partyleader)"}


@dataclass(frozen=True)
class Passage:
    """One text of the mail in its neutral form, and how often it names each party."""

    text: Text
    neutral: str = field(repr=False)
    named: Counter[int] = field(repr=False)


def passages(scan: Scan, neutral: Neutraliser) -> tuple[Passage, ...]:
    """The sender's texts in neutral form, made once a mail."""
    layers = SENT_WITH_SIGNATURE
    return scan.once(
        "political.passages",
        lambda: tuple(
            Passage(text, *neutral.read(text.content))
            for text in scan.contents.texts
            if text.layer in layers and not text.content.isspace()
        ),
    )


def mentions(items: Iterable[Passage]) -> tuple[int, ...]:
    """How often each party is named in these, the most named first: which it is no judge need know."""
    total = sum((item.named for item in items), Counter[int]())
    return tuple(sorted(total.values(), reverse=True))


def names_of(parties: Iterable[Party]) -> list[str]:
    """All that parties are called."""
    return [form for party in parties for form in (*party.names, *party.words, *party.nicknames)]


def one_of(forms: Iterable[str]) -> str:
    """One expression of folded names."""
    folded = sorted({fold(form) for form in forms})
    return rf"\b(?:{'|'.join(re2.escape(form) for form in folded)})\b" if folded else NEVER


class Political(Rule):
    """A rule whose cues are word lists, one kind each, all weak: the judge weighs them together."""

    family = "political"
    wakes: ClassVar[tuple[str, ...] | None] = (SELF,)
    gate: ClassVar[str] = ""
    lists: ClassVar[Mapping[str, str]] = {}
    says: ClassVar[Mapping[str, str]] = {}
    layers: ClassVar[frozenset[Layer]] = SENT_WITH_SIGNATURE

    @property
    def patterns(self) -> Mapping[str, str]:
        """The gate: phrases that name nobody, and, where a phrase names a party, every name there is."""
        if self.gate:
            return {"gate": self.gate}
        lines = [line for name in self.lists.values() for line in self.tools.words.get(name, ())]
        named = any(slot in line for line in lines for slot in ("{party}", "{who}", "{leader}"))
        gate = phrases(line for line in lines if "{" not in line.replace("){", ""))
        return {"gate": f"{gate}|{self.named}" if named else gate}

    @cached_property
    def named(self) -> str:
        """One expression of all names, folded; common words among them are sorted out by the neutral form."""
        people = [name for party in self.parties for person in party.people for name in (person.name, *person.also)]
        return one_of((*names_of(self.parties), *people))

    @cached_property
    def parties(self) -> tuple[Party, ...]:
        """The parties of the data file."""
        return self.tools.once("political.parties", lambda: parties_of(self.tools.data.get("parties", {})))

    @cached_property
    def neutral(self) -> Neutraliser:
        """What makes a text neutral."""
        return self.tools.once("political.neutral", lambda: Neutraliser(self.parties))

    @cached_property
    def cues(self) -> Mapping[str, re2._Regexp]:
        """The expressions by kind, over neutral text."""
        made = {}
        for kind, name in self.lists.items():
            if lines := self.tools.words.get(name):
                made[kind] = compiled(lines, SLOTS)
        return made

    def passages(self, scan: Scan) -> Iterator[Passage]:
        """The neutral texts of this rule's layers; none where the gate did not fire."""
        if self.seen(scan, "gate", self.layers):
            yield from (item for item in passages(scan, self.neutral) if item.text.layer in self.layers)

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """One finding for each kind and text."""
        for passage in self.passages(scan):
            for kind, cue in self.cues.items():
                things = [match.group() for match in cue.finditer(passage.neutral)]
                if things:
                    yield self.finding(passage.text.where, Confidence.LOW, self.says[kind], things=things, kind=kind)

"""Judges whether a mail appears designed to affect support for a party or candidate: the weighing of all evidence.

Law: neither a party's name nor the model's score decides alone; evidence must be there, and every verdict lists it.
Sources: Local Government Act 1986 s2 (LAW-1); POL-1, POL-3, POL-4, POL-5. The score is explained in docs/political.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import re2

from mailguard.judge.core import SECOND, core
from mailguard.judge.model import SHIPPED, Model, load_model
from mailguard.judge.neutral import LEADER, PARTY, TAG
from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.phrases import compiled, phrases
from mailguard.matching.scan import Scan
from mailguard.rules._political import SLOTS, Passage, Political, mentions, passages
from mailguard.rules.rule import Options

_BODY = frozenset({Layer.SUBJECT, Layer.NEW, Layer.FORWARDED})
_JUDGED = _BODY | {Layer.ATTACHMENT}
_IMPRINT = 3.0
_WORDS = 2
"""So many words of the trade (canvassing, leaflets, ...) make a call for campaign work ground to stand on."""
_UNNAMED = 1.0
"""What is taken off where a text names no party and none of its people, and asks for no vote and no work: the calls of
unions, charities and residents speak as campaigns do."""
_SIDES = frozenset(
    {"campaign_appeal.vote", "campaign_appeal.canvass", "campaign_appeal.stand", "campaign_appeal.join"}
    | {"candidate_promotion.candidate"}
)
_SIDE_RULES = frozenset({"imprint", "party_link", "slogan"})
# What the judge is given to weigh; what comes after it, or only adds up, is none of it.
EVIDENCE = frozenset(
    {"imprint", "campaign_appeal", "slogan", "party_link", "candidate_promotion", "party_attack", "politicking"}
    | {"party_petition"}
)


# A place of politics: what these lists hold, a name, an imprint. Any letter may hold the words of the other lists:
# blame, tone and programme, a donation, a petition.
_PLACES: tuple[str, ...] = (
    *(f"appeals_{name}" for name in ("canvass", "join", "stand", "vote")),
    *("attack", "candidate", "political_subject", "slogans"),
)
_NAMED = ("{who}", TAG, "votes? for", "pleidlais", "pleidleisi(o|wch)", "(promoted|published|printed) by", "hyrwyddwyd")


class PartyPoliticalOptions(Options):
    """`medium` and `high` replace the model's own levels (log-odds).

    With more than `wide` outside addresses it looks at every mail.
    """

    model: Path | None = None
    medium: float | None = None
    high: float | None = None
    wide: int = 25


class PartyPolitical(Political):
    """The family's judge: one finding a place (the body with its subject; each attachment)."""

    name = "party_political"
    source = "Local Government Act 1986 s2 (LAW-1); Manchester s3.1, s6.2.3 (POL-1, POL-3, POL-4, POL-5)"
    rank = 90
    wakes = None
    gate = ""
    kinds: ClassVar[tuple[str, ...]] = ("appeal", "candidate", "attack", "campaign")
    options_type = PartyPoliticalOptions
    hits: ClassVar[tuple[str, ...]] = (
        "Vote Labour on Thursday! The Tories have failed this town. Join us to canvass on Saturday and donate today.",
        "Only Plaid Cymru can beat Reform here. Please lend us your vote on 7 May, and tell your friends to vote too.",
        "Our Liberal Democrat candidate will stand up for you. The Conservatives have broken every promise they made.",
        "Meet at 10 outside the Co-op for canvassing; the leaflets are in my garage and we need ten volunteers.",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Minutes: apologies from Cllr Hill (Conservative). It was resolved that the clerk write to highways.",
        "Notice of election: nomination papers must reach the Returning Officer by 4pm. Register to vote by 20 April.",
        "Thank you for your email about the missed bin. I have reported it. Cllr Marsh (Labour), Mill ward.",
        "The committee's political balance: Labour 21 seats, Conservative 18, Green 4, Independent 2.",
    )

    @property
    def patterns(self) -> Mapping[str, str]:
        """The ground on which the judge may stand: words of politics at large, and all names there are."""
        return {"gate": phrases(self.tools.words.get("political_subject", ())), "named": self.named}

    @cached_property
    def model(self) -> Model:
        """Loaded at the first mail that needs it."""
        options = self.options
        assert isinstance(options, PartyPoliticalOptions)
        return load_model(options.model or SHIPPED)

    @cached_property
    def _levels(self) -> tuple[float, float]:
        options = self.options
        assert isinstance(options, PartyPoliticalOptions)
        medium = self.model.medium if options.medium is None else options.medium
        return medium, self.model.high if options.high is None else options.high

    @cached_property
    def _places(self) -> re2._Regexp:
        return compiled([*_NAMED, *(line for name in _PLACES for line in self.tools.words.get(name, ()))], SLOTS)

    def core(self, neutral: str, counts: Mapping[str, int]) -> str:
        """What speaks of politics in a long text; "" where that is most of it, or no rule found any evidence."""
        if not counts:
            return ""
        # ASCII goes in as bytes: the library then maps no offsets.
        text = neutral.encode() if neutral.isascii() else neutral
        return core(neutral, (match.span() for match in self._places.finditer(text)))

    def _score(self, neutral: str, counts: Mapping[str, int], mentioned: Collection[int]) -> float:
        """That of the whole, or of its core: a leaflet is one, however much stands beside it."""
        added = bonus(neutral, counts)
        whole = self.model.score(neutral, counts, mentioned) + added
        # What is high already can get no higher.
        part = "" if whole >= self._levels[1] else self.core(neutral, counts)
        return max(whole, self.model.score(part, counts, mentioned) + added - SECOND) if part else whole

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """The model runs where evidence, the subject or the audience makes it matter."""
        options = self.options
        assert isinstance(options, PartyPoliticalOptions)
        evidence = [item for item in scan.found(self.family) if item.rule in EVIDENCE]
        wide = len(mail.audience.external) > options.wide
        if not evidence and not wide and not any(self.seen(scan, key, _JUDGED) for key in ("gate", "named")):
            return
        asks = frozenset(item.where for item in evidence if item.rule == "campaign_appeal")
        for where, read in _units(passages(scan, self.neutral), asks):
            places = frozenset(item.text.where for item in read)
            found = [item for item in evidence if item.where in places]
            yield from self._judge(where, read, found, self._subjects(scan, places))

    def _subjects(self, scan: Scan, places: frozenset[str]) -> int:
        return len({span.matched for span in self.spans(scan, "gate", _JUDGED) if span.text.where in places})

    def _judge(self, where: str, read: list[Passage], found: list[Finding], subjects: int) -> Iterator[Finding]:
        neutral = "\n".join(item.neutral for item in read)
        # A name opened the door; what was no party's after all ("village green") goes no further.
        named = PARTY in neutral or LEADER in neutral
        if not found and not named and not subjects:
            return
        counts = Counter[str]()
        for item in found:
            counts[f"{item.rule}.{item.kind}"] += item.count
        score = self._score(neutral, counts, mentions(read))
        level = self._level(score, found, named, subjects)
        if level:
            kinds = sorted({item.kind for item in found})
            number = "a kind" if len(kinds) == 1 else f"{len(kinds)} kinds"
            why = f"Judged party-political by its words and {number} of evidence: {', '.join(kinds)}."
            if not kinds:
                why = "Judged party-political by its words; it speaks of parties, elections or government."
            if level is Confidence.LOW:
                why = why.replace("Judged", "Weakly judged", 1)
            yield self.finding(where, level, why, count=max(1, len(kinds)), kind=_kind(found))

    def _level(self, score: float, found: list[Finding], named: bool, subjects: int) -> Confidence | None:
        """The score alone gives no more than LOW: MEDIUM needs ground, HIGH two kinds of evidence."""
        medium, high = self._levels
        strong = len({item.kind for item in found}) >= 2 or any(item.rule == "imprint" for item in found)
        if score >= high and strong:
            return Confidence.HIGH
        if score >= medium and grounded(found, named, subjects):
            return Confidence.MEDIUM
        return Confidence.LOW if found or score >= medium else None


def bonus(neutral: str, counts: Mapping[str, int]) -> float:
    """What is added to the model's score, or taken off, for evidence that weighs the same in every text."""
    rules = {name.partition(".")[0] for name, count in counts.items() if count}
    made = _IMPRINT if "imprint" in rules else 0.0
    named = any(word in neutral for word in (PARTY, LEADER, TAG))
    sided = rules & _SIDE_RULES or any(counts.get(name) for name in _SIDES)
    return made if named or sided else made - _UNNAMED


def grounded(found: Iterable[Finding], named: bool, subjects: int) -> bool:
    """True where there is something beside the score: a party or its people, an appeal, or politics as the subject."""
    return (
        named
        or subjects >= 1
        or any(
            item.rule in {"imprint", "party_link", "slogan"} or (item.kind == "canvass" and item.count >= _WORDS)
            for item in found
        )
    )


def _kind(found: Iterable[Finding]) -> str:
    rules = Counter(item.rule for item in found)
    for rule, kind in (("candidate_promotion", "candidate"), ("campaign_appeal", "appeal"), ("party_attack", "attack")):
        if rules[rule] and rules[rule] == max(rules.values()):
            return kind
    return "campaign"


def _units(items: Iterable[Passage], asks: frozenset[str]) -> Iterator[tuple[str, list[Passage]]]:
    """What is judged as one: subject, new and forwarded text together; every attachment, and signature that appeals.

    A signature names party and office; a leaflet in short lines under a name is read as one.
    """
    body = [item for item in items if item.text.layer in _BODY]
    if body:
        main = next((item for item in body if item.text.layer is not Layer.SUBJECT), body[0])
        yield main.text.where, body
    apart: dict[str, list[Passage]] = {}
    for item in items:
        if item.text.layer is Layer.ATTACHMENT or (item.text.layer is Layer.SIGNATURE and item.text.where in asks):
            apart.setdefault(item.text.where, []).append(item)
    yield from apart.items()

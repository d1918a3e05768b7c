"""One pass of all rules' expressions over a mail's texts. Law: patterns match folded text (see mail.fold)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import re2

from mailguard.mail.contents import Contents, Layer, Text
from mailguard.mail.errors import ConfigError
from mailguard.mail.evidence import Finding

MAX_MEMORY = 64 * 1024 * 1024
SETS = 5
OWN = frozenset({Layer.SUBJECT, Layer.NEW, Layer.ATTACHMENT})
WRITTEN = OWN - {Layer.ATTACHMENT}
"""What the sender wrote in the mail itself."""
EVERYWHERE = frozenset(Layer)
T = TypeVar("T")
SELF = ""
"""In `wakes`: the rule's or defence's own expressions."""


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    return options


class Span:
    """One match: the text it is in, and `start` and `end` in `text.folded`."""

    __slots__ = ("_match", "end", "start", "text")

    def __init__(self, text: Text, match: re2._Match) -> None:
        self.text, self._match = text, match
        self.start, self.end = match.span()

    @property
    def matched(self) -> str:
        """The folded text that matched. It must not leave the rule but as a fingerprint or masked."""
        return self.text.folded[self.start : self.end]

    @property
    def groups(self) -> tuple[str | None, ...]:
        """The folded text of each group; 0 is the whole match."""
        spans = (self._match.span(number) for number in range(self._match.re.groups + 1))
        return tuple(self.text.folded[start:end] if start >= 0 else None for start, end in spans)

    @property
    def last(self) -> str:
        """The folded text of the last group; the whole match where the expression has none or it took no part."""
        number = self._match.re.groups
        start, end = self._match.span(number) if number else (self.start, self.end)
        return self.text.folded[start:end] if start >= 0 else self.matched

    def near(self, width: int) -> str:
        """The folded text around the match, `width` characters to each side."""
        return self.text.folded[max(0, self.start - width) : self.end + width]


class Matcher:
    """All expressions of all rules, compiled once per configuration. Keys are "rule.pattern".

    They are matched in SETS sets. The automaton of a set (a DFA that RE2 makes while it runs) remembers which of its
    expressions have occurred so far: with all of them in one set nearly every text is the first of its kind, and costs
    a hundred times as much as one that was seen before; with more sets than a few, every text costs more.
    """

    def __init__(self, patterns: Mapping[str, str]) -> None:
        """Raises ConfigError naming each expression RE2 does not take."""
        self.compiled: dict[str, re2._Regexp] = {}
        self.owners = {name: name.partition(".")[0] for name in patterns}
        named: dict[str, list[str]] = {}
        faults = []
        for name, source in patterns.items():
            try:
                self.compiled[name] = re2.compile(source, _options())
                named.setdefault(source, []).append(name)
            except re2.error as error:
                faults.append(f"{name}: {error}; write it in RE2 syntax (no look-around, no back-references)")
        if faults:
            raise ConfigError(faults)
        # The longest, which have most to remember, are spread over the sets.
        ordered = sorted(named.items(), key=lambda item: len(item[0]), reverse=True)
        self._sets = [_set(part) for part in (ordered[start::SETS] for start in range(SETS)) if part]

    def names_in(self, folded: str) -> list[str]:
        """Which expressions occur in this text, each once."""
        if not folded:
            return []
        data = folded.encode("utf-8", "replace")
        return [name for match, names in self._sets for index in match(data) or () for name in names[index]]

    def locate(self, name: str, folded: str) -> Iterator[re2._Match]:
        """Every match, with offsets into `folded`. ASCII goes in as bytes: the library then maps no offsets."""
        matches: Iterator[re2._Match] = self.compiled[name].finditer(folded.encode() if folded.isascii() else folded)
        return matches


def _set(part: Sequence[tuple[str, list[str]]]) -> tuple[Callable[[bytes], list[int] | None], list[list[str]]]:
    """One automaton of these expressions, and whose each is by its number."""
    made = re2.Set.SearchSet(_options())
    for source, _ in part:
        made.Add(source)
    made.Compile()
    return made.Match, [names for _, names in part]


class Matches:
    """Where the expressions of one matcher occur in the texts of one mail: nothing else of the mail matters here.

    `layers` are those in which each expression occurs, `owners` the rules and defences whose they are.
    """

    def __init__(self, matcher: Matcher, texts: Iterable[Text]) -> None:
        self._matcher = matcher
        self._hits: dict[str, list[Text]] = {}
        self._distinct: dict[tuple[str, frozenset[Layer], int], frozenset[str]] = {}
        for text in texts:
            for name in matcher.names_in(text.folded):
                self._hits.setdefault(name, []).append(text)
        self.layers = {name: {text.layer for text in found} for name, found in self._hits.items()}
        self.owners = frozenset(matcher.owners[name] for name in self._hits)

    def spans(self, name: str) -> list[Span]:
        """Every match of "rule.pattern"."""
        found = self._hits.get(name, ())
        return [Span(text, match) for text in found for match in self._matcher.locate(name, text.folded)]

    def distinct(self, name: str, layers: frozenset[Layer], enough: int) -> frozenset[str]:
        """As `Scan.distinct`."""
        if name not in self._hits:
            return frozenset()
        asked = name, layers, enough
        if asked not in self._distinct:
            self._distinct[asked] = self._different(name, layers, enough)
        return self._distinct[asked]

    def _different(self, name: str, layers: frozenset[Layer], enough: int) -> frozenset[str]:
        different: set[str] = set()
        for text in self._hits[name]:
            if text.layer in layers:
                for match in self._matcher.locate(name, text.folded):
                    start, end = match.span()
                    different.add(text.folded[start:end])
                    if len(different) == enough:
                        return frozenset(different)
        return frozenset(different)


class Scan:
    """One mail's texts with the expressions that occur in each, and what was found so far.

    `told` names all that spoke: owners of an expression that occurs, rules and families that found something.
    """

    def __init__(self, matcher: Matcher, contents: Contents) -> None:
        self.contents = contents
        known = contents.worked.get(matcher)
        if known is None:
            known = contents.worked[matcher] = Matches(matcher, contents.texts)
        self._matches: Matches = known
        self._spans: dict[str, list[Span]] = {}
        self._found: list[Finding] = []
        self._once: dict[str, Any] = {}
        self.told = set(known.owners)

    def touches(self, owner: str) -> bool:
        """True where any expression of this rule or defence occurs: the cheapest question there is."""
        return owner in self._matches.owners

    def has(self, name: str, layers: frozenset[Layer] = EVERYWHERE) -> bool:
        """True where the expression occurs in one of the layers; costs nothing more."""
        found = self._matches.layers.get(name)
        return found is not None and not found.isdisjoint(layers)

    def spans(self, name: str, layers: frozenset[Layer] = EVERYWHERE) -> Iterator[Span]:
        """Every match of "rule.pattern" in the layers, located on first use."""
        if name not in self._spans:
            self._spans[name] = self._matches.spans(name)
        return (span for span in self._spans[name] if span.text.layer in layers)

    def distinct(self, name: str, layers: frozenset[Layer], enough: int) -> frozenset[str]:
        """Different matches of "rule.pattern" in the layers, `enough` at most: where the number alone is asked for."""
        return self._matches.distinct(name, layers, enough)

    def found(self, *names: str) -> Sequence[Finding]:
        """Findings so far of these rules or families (all, where none is named): for rules of a later rank."""
        if not names:
            return tuple(self._found)
        return tuple(item for item in self._found if item.rule in names or item.family in names)

    def once(self, key: str, make: Callable[[], T]) -> T:
        """What several rules need of one mail, made by the first that asks. The key names the maker's module."""
        if key not in self._once:
            self._once[key] = make()
        made: T = self._once[key]
        return made

    def add(self, findings: Iterable[Finding]) -> None:
        """Keep what a rule found, for the rules after it."""
        for finding in findings:
            self._found.append(finding)
            self.told.add(finding.rule)
            self.told.add(finding.family)

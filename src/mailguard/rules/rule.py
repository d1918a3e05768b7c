"""The form of a rule. Law: a rule sees one mail and says what it saw; it keeps no state between mails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.masking import Fingerprints, mask
from mailguard.matching.names import Names
from mailguard.matching.scan import EVERYWHERE, SELF, Scan, Span
from mailguard.policy.condition import Strict

T = TypeVar("T")
__all__ = ["SELF", "Options", "Rule", "Tools"]


class Options(Strict):
    """A rule's table `[rules.NAME]` in the config; subclasses add typed fields with defaults."""


@dataclass(frozen=True)
class Tools:
    """What a rule is given beside its options.

    `words` are the word lists by file name without ending (`config/words/*.txt`, comments and blanks gone);
    `data` the parsed TOML files of `config/words/*.toml` by name; `fingerprints` the keyed hash.
    """

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    data: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    fingerprints: Fingerprints = field(default_factory=lambda: Fingerprints(b"explain"))
    _made: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def names(self) -> Names:
        """What finds names, made once for all rules that are given these tools."""
        return Names(self.words.get("first_names", ()))

    def once(self, key: str, make: Callable[[], T]) -> T:
        """What several rules need of these words, made by the first that asks. The key names the maker's module."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made


class Rule:
    """Base of all rules. Subclasses set the class attributes and write `check`.

    `rank` orders rules: a rule sees, by `scan.found`, the findings of all rules of lower rank.
    `reads` names rules or families beside its own whose findings it builds on: where one of them failed, so did
    this rule, for its silence would mean nothing. `patterns` (RE2, over folded text: lower case, ASCII) are matched
    for all rules in one pass; a rule reads them as `self.spans(scan, "pattern")`. `hits` and `misses` are texts the
    rule must find, and must not.

    `wakes` says when there may be anything to see: where an expression of this rule occurs (`SELF`), or where a rule
    or family of those names found something. On any other mail the rule is not run; None: it is run on every mail.
    """

    name: ClassVar[str]
    family: ClassVar[str]
    source: ClassVar[str]
    rank: ClassVar[int] = 0
    reads: ClassVar[tuple[str, ...]] = ()
    wakes: ClassVar[tuple[str, ...] | None] = None
    options_type: ClassVar[type[Options]] = Options
    hits: ClassVar[tuple[str, ...]] = ()
    misses: ClassVar[tuple[str, ...]] = ()

    def __init__(self, options: Options, tools: Tools) -> None:
        self.options, self.tools = options, tools

    @property
    def patterns(self) -> Mapping[str, str]:
        """Expressions of this rule by name; read once, after construction."""
        return {}

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """What this rule sees. Raising is allowed: the mail is then deferred, never passed (law 3)."""
        raise NotImplementedError

    def seen(self, scan: Scan, pattern: str, layers: frozenset[Layer] = EVERYWHERE) -> bool:
        """True where this rule's expression occurs in one of the layers; costs nothing more."""
        return scan.has(f"{self.name}.{pattern}", layers)

    def spans(self, scan: Scan, pattern: str, layers: frozenset[Layer] = EVERYWHERE) -> Iterator[Span]:
        """Every match of this rule's expression in the layers."""
        return scan.spans(f"{self.name}.{pattern}", layers)

    def finding(
        self,
        where: str,
        confidence: Confidence,
        why: str,
        *,
        things: Iterable[str] = (),
        count: int | None = None,
        kind: str = "",
        keep: int = 2,
    ) -> Finding:
        """A finding of this rule. `things` are the matched texts: counted, fingerprinted, masked, not kept."""
        distinct = sorted(set(things))
        return Finding(
            rule=self.name,
            family=self.family,
            where=where,
            count=len(distinct) if count is None else count,
            confidence=confidence,
            why=why,
            kind=kind,
            fingerprint=self.tools.fingerprints.of(*distinct) if distinct else "",
            masked="; ".join(mask(thing, keep) for thing in distinct[:5]),
        )

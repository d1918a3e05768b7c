"""The form of a defence. Law: each says why it holds, and ends where its clause in policy.md ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from mailguard.mail.evidence import Exemption
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.policy.condition import Strict


class Options(Strict):
    """A defence's table `[defences.NAME]` in the config."""


class Defence:
    """Base of all defences. `reads` names the rules or families whose findings may end it: where one of them
    failed, it does not hold. `patterns` work as a rule's, keyed "NAME.pattern" in the scan, and `wakes` as a rule's:
    where nothing wakes it, the defence does not hold and is not asked."""

    name: ClassVar[str]
    source: ClassVar[str]
    reads: ClassVar[tuple[str, ...]] = ("political", "purpose", "mark")
    wakes: ClassVar[tuple[str, ...] | None] = None
    options_type: ClassVar[type[Options]] = Options

    def __init__(
        self, options: Options, words: Mapping[str, tuple[str, ...]], data: Mapping[str, Mapping[str, object]]
    ) -> None:
        self.options, self.words, self.data = options, words, data

    @property
    def patterns(self) -> Mapping[str, str]:
        """Expressions of this defence by name."""
        return {}

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        """The exemption with its reason, or None. All findings are in `scan.found()` by then."""
        raise NotImplementedError

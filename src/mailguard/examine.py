"""Runs every rule and defence over one mail. Law: fail shut in one place: the one `except Exception` is here.

A rule that raises becomes a name in `Examined.failed`, which the policy turns into 451 or a hold; it is
never "no finding" (design law 3). Cancellation passes through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from mailguard.defences.defence import Defence
from mailguard.mail.evidence import Exemption, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Matcher, Scan
from mailguard.rules.rule import Rule

T = TypeVar("T")


@dataclass(frozen=True)
class Examined:
    """All that was seen of one mail. `failed` holds (rule, family) of what could not be run."""

    mail: Mail
    findings: tuple[Finding, ...]
    exemptions: tuple[Exemption, ...]
    failed: tuple[tuple[str, str], ...] = ()
    faults: tuple[str, ...] = field(default=())


class Examiner:
    """The rules and defences of one configuration, compiled once and used for every mail."""

    def __init__(self, rules: Sequence[Rule], defences: Sequence[Defence]) -> None:
        """Raises ConfigError where an expression is not RE2."""
        self.rules = tuple(sorted(rules, key=lambda rule: (rule.rank, rule.name)))
        self.defences = tuple(defences)
        owners: list[Rule | Defence] = [*self.rules, *self.defences]
        patterns = {f"{owner.name}.{key}": source for owner in owners for key, source in owner.patterns.items()}
        self.matcher = Matcher(patterns)

    def examine(self, mail: Mail) -> Examined:
        """Every rule by rank, then every defence."""
        scan = Scan(self.matcher, mail.contents)
        failed: list[tuple[str, str]] = []
        faults: list[str] = []

        def attempt(name: str, family: str, step: Callable[[], T]) -> T | None:
            try:
                return step()
            except Exception as error:
                failed.append((name, family))
                faults.append(f"{name}: {type(error).__name__}")
                return None

        for rule in self.rules:
            scan.add(attempt(rule.name, rule.family, partial(_check, rule, mail, scan)) or ())
        exemptions = [attempt(item.name, "", partial(item.holds, mail, scan)) for item in self.defences]
        held = tuple(exemption for exemption in exemptions if exemption)
        return Examined(mail, tuple(scan.found()), held, tuple(failed), tuple(faults))


def _check(rule: Rule, mail: Mail, scan: Scan) -> tuple[Finding, ...]:
    return tuple(rule.check(mail, scan))

"""What was decided of one mail, and on what grounds. Law: the evidence for *and against* is kept together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from mailguard.mail.evidence import Exemption, Finding
from mailguard.policy.action import Action
from mailguard.policy.clause import Clause
from mailguard.policy.factors import Factors, factors
from mailguard.policy.facts import Facts


@dataclass(frozen=True)
class Hit:
    """One clause that was met. `do` is its action at that date; `defences` those that saved the mail."""

    clause: Clause
    do: Action
    evidence: tuple[Finding, ...]
    defences: tuple[Exemption, ...] = ()

    @property
    def exempted(self) -> bool:
        """True where a defence the clause accepts holds."""
        return bool(self.defences)

    @property
    def effective(self) -> bool:
        """True where this hit has an effect: enforced and not exempted."""
        return self.clause.enforced and not self.exempted


@dataclass(frozen=True)
class Verdict:
    """The decision. `failed` are rules that could not be run."""

    action: Action
    hits: tuple[Hit, ...]
    findings: tuple[Finding, ...]
    exemptions: tuple[Exemption, ...]
    facts: Facts
    policy: str
    version: str
    failed: tuple[str, ...] = ()

    @cached_property
    def factors(self) -> Factors:
        """LAW-1's, in words; made where a person reads them (a case, `explain`)."""
        return factors(self.facts, self.findings, self.exemptions)

    @property
    def decisive(self) -> tuple[Hit, ...]:
        """The effective hits that ask for the verdict's action."""
        return tuple(hit for hit in self.hits if hit.effective and hit.do == self.action)

    def asks(self, action: Action) -> tuple[Hit, ...]:
        """The effective hits that ask for `action`."""
        return tuple(hit for hit in self.hits if hit.effective and hit.do == action)

"""A council's policy as a whole, and how it decides. Law: pure; more evidence never makes a verdict milder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Literal

from mailguard.mail.evidence import Exemption, Finding
from mailguard.policy.action import Action
from mailguard.policy.clause import Clause
from mailguard.policy.condition import Condition
from mailguard.policy.facts import Facts
from mailguard.policy.verdict import Hit, Verdict

GRANT = Exemption("grant", "The sender holds a live grant for this.")


@dataclass(frozen=True)
class Policy:
    """The clauses in force with their origin (MON-8)."""

    name: str
    version: str
    clauses: tuple[Clause, ...]
    approved_by: str = ""
    effective_from: date | None = None
    review_due: date | None = None

    def decide(
        self,
        findings: Sequence[Finding],
        exemptions: Sequence[Exemption],
        facts: Facts,
        failed: Sequence[tuple[str, str]] = (),
        granted: Collection[str] = (),
    ) -> Verdict:
        """Judge. `failed` are (rule, family) that could not be run: an enforcing clause that needs one defers
        or holds, as it says (design law 3). `granted` are ids of clauses the sender holds a live grant for."""
        told = Condition.told(findings, facts)
        hits = tuple(
            self._hit(clause, met, (*exemptions, GRANT) if clause.id in granted else exemptions, facts)
            for clause, wanted in self._asked
            if not (wanted and wanted.isdisjoint(told)) and (met := clause.what.evidence(findings, facts)) is not None
        )
        asked = [hit.do for hit in hits if hit.effective] + list(self._for_failed(failed))
        return Verdict(
            action=max(asked, default=Action.PASS),
            hits=hits,
            findings=tuple(findings),
            exemptions=tuple(exemptions),
            facts=facts,
            policy=self.name,
            version=self.version,
            failed=tuple(name for name, _ in failed),
        )

    # What of the clauses does not hang on the mail is worked out once: most mails meet few of them.

    @cached_property
    def _asked(self) -> tuple[tuple[Clause, frozenset[str] | None], ...]:
        """Each clause with what must have been told for it to be met."""
        return tuple((clause, clause.what.wanted) for clause in self.clauses)

    @cached_property
    def _counting(self) -> tuple[tuple[Clause, Condition, bool], ...]:
        """Each clause that counts a mailing, what it asks beside that, and whether it asks anything else at all."""
        counting = [(clause, clause.what.without_mailing()) for clause in self.clauses if clause.what.counts_mailing]
        return tuple((clause, rest, bool(rest.model_dump(exclude_defaults=True))) for clause, rest in counting)

    def _hit(self, clause: Clause, met: tuple[Finding, ...], exemptions: Sequence[Exemption], facts: Facts) -> Hit:
        do, unless = _now(clause, facts)
        saved = tuple(exemption for exemption in exemptions if exemption.name in unless)
        return Hit(clause, do, met, saved)

    def _for_failed(self, failed: Sequence[tuple[str, str]]) -> list[Action]:
        if not failed:
            return []
        names = {name for pair in failed for name in pair if name}
        return [
            Action.HOLD if clause.on_failure == "hold" else Action.DEFER
            for clause in self.clauses
            if clause.enforced and clause.rules & names
        ]

    def counts_mailing(
        self, findings: Sequence[Finding], exemptions: Sequence[Exemption], facts: Facts
    ) -> Literal["", "observe", "enforce"]:
        """Whether the number of recipients over several transactions could meet a clause of this mail (VOL-1), and
        whether an enforced one."""
        modes = {
            clause.mode
            for clause, rest, asks in self._counting
            if not any(exemption.name in _now(clause, facts)[1] for exemption in exemptions)
            and (not asks or rest.evidence(findings, facts) is not None)
        }
        return "enforce" if "enforce" in modes else "observe" if modes else ""

    def observing(self) -> Policy:
        """The same policy with every clause observing (`mode = "observe"` in the operator's file)."""
        observed = tuple(clause.model_copy(update={"mode": "observe"}) for clause in self.clauses)
        return replace(self, clauses=observed)


def _now(clause: Clause, facts: Facts) -> tuple[Action, Sequence[str]]:
    """What a clause does, and what saves from it, in the periods that are in force."""
    stricter = clause.in_period
    if stricter is None or not (facts.periods or (stricter.wards == "all" and facts.elsewhere)):
        return clause.do, clause.unless
    return max(clause.do, stricter.do), clause.unless if stricter.unless is None else stricter.unless

"""Records what became of a mail: journal row, figures, one log line. Law: ids and counts, never content (law 8).

A record that cannot be written never changes the reply: a second delivery would follow.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from structlog.typing import FilteringBoundLogger

from mailguard.actions.handling import Outcome
from mailguard.counting import Counting
from mailguard.mail.mail import Mail
from mailguard.observe.metrics import Metrics
from mailguard.policy.verdict import Verdict
from mailguard.smtp.transaction import Transaction
from mailguard.store.journal import Entry, Journal


@dataclass
class Passage:
    """One mail's way so far: filled by the flow, read by the recorder. Times are seconds of a monotonic clock."""

    started: float = field(default_factory=time.monotonic)
    stages: dict[str, float] = field(default_factory=dict)
    mail: Mail | None = None
    verdict: Verdict | None = None
    counting: Counting | None = None
    faults: tuple[str, ...] = ()
    _last: float = 0.0

    def __post_init__(self) -> None:
        self._last = self.started

    def lap(self, stage: str) -> None:
        """The time since the last lap was spent in `stage`."""
        now = time.monotonic()
        self.stages[stage] = now - self._last
        self._last = now


class Recorder:
    """Writes the three records of one mail."""

    def __init__(self, journal: Journal, metrics: Metrics, log: FilteringBoundLogger) -> None:
        # Bound once: an unbound logger is put together anew for every line.
        self._journal, self._metrics, self._log = journal, metrics, log.bind()

    def record(self, transaction: Transaction, passage: Passage, outcome: Outcome) -> None:
        """Count, journal and log; none of them blocks."""
        passage.stages["total"] = time.monotonic() - passage.started
        verdict = passage.verdict
        hits = verdict.hits if verdict else ()
        action = str(verdict.action) if verdict else ("pass" if outcome.delivered else "defer")
        self._count(action, passage)
        if verdict:
            self._journal.record(_entry(transaction, passage, verdict, outcome))
        self._log.info(
            "mail",
            id=transaction.id,
            action=action,
            state=outcome.ended,
            clauses=[hit.clause.id for hit in hits if hit.effective],
            observed=[hit.clause.id for hit in hits if not hit.effective],
            case=outcome.case,
            code=outcome.reply.code,
            size=transaction.message.size,
            recipients=len(transaction.envelope.recipients),
            total_ms=round(passage.stages["total"] * 1000, 2),
            faults=list(passage.faults),
        )

    def _count(self, action: str, passage: Passage) -> None:
        metrics, verdict = self._metrics, passage.verdict
        metrics.message(action)
        for stage, seconds in passage.stages.items():
            metrics.stage(stage, seconds)
        if verdict is None:
            return
        for hit in verdict.hits:
            metrics.clause(hit.clause.id, "exempted" if hit.exempted else hit.clause.mode)
        for rule in verdict.failed:
            metrics.rule_failed(rule)
        if passage.mail:
            for part in passage.mail.contents.unreadable:
                metrics.unreadable(part.state.replace(" ", "_"))


def _entry(transaction: Transaction, passage: Passage, verdict: Verdict, outcome: Outcome) -> Entry:
    facts = verdict.facts
    return Entry(
        id=transaction.id,
        at=datetime.now(UTC),
        action=str(verdict.action),
        clauses=[_clause(hit.clause.id, hit.clause.mode, hit.exempted) for hit in verdict.hits],
        facts={
            "purpose": facts.purpose,
            "total": facts.total,
            "external": facts.external,
            "attachment_bytes": facts.attachment_bytes,
            "rules": sorted({finding.rule for finding in verdict.findings}),
            "defences": sorted({item.name for item in verdict.exemptions}),
            "failed": list(verdict.failed),
        },
        policy=verdict.policy,
        version=verdict.version,
        case=outcome.case or None,
        ended=outcome.ended,
        reply=outcome.reply.code,
        size=transaction.message.size,
        seconds=passage.stages["total"],
    )


def _clause(name: str, mode: str, exempted: bool) -> dict[str, str | bool]:
    return {"id": name, "mode": mode, "exempted": exempted}

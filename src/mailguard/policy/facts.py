"""The facts of a mail that clauses ask for beside findings. Law: facts are counted, never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.policy.period import Period

PURPOSE = "purpose"


@dataclass(frozen=True)
class Facts:
    """What is countable about one mail.

    `mailing` is the number of distinct recipients of the whole mailing (earlier transactions of the same
    mail included) or the mail's own where nothing was counted before. Sizes are decoded bytes. `periods` names
    the election periods in force for the member's ward, `elsewhere` those of other wards.
    """

    purpose: str
    purpose_confidence: Confidence
    total: int
    mailing: int
    external: int
    visible_external: int
    private: int
    visible_private: int
    leaving: int
    attachment_bytes: int
    marks: frozenset[str]
    sender: str
    periods: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    def counted(self, mailing: int) -> Facts:
        """With what earlier transactions of the same mailing reached, these recipients among them."""
        return replace(self, mailing=mailing) if mailing > self.mailing else self


def facts_of(mail: Mail, findings: Iterable[Finding], periods: tuple[Period, ...] = ()) -> Facts:
    """Count. The purpose is the strongest finding of the rule `purpose`, `unknown` where there is none."""
    judged = max(
        (finding for finding in findings if finding.rule == PURPOSE),
        key=lambda finding: finding.confidence,
        default=None,
    )
    audience = mail.audience
    return Facts(
        purpose=judged.kind if judged else "unknown",
        purpose_confidence=judged.confidence if judged else Confidence.LOW,
        total=len(audience.everyone),
        mailing=len(audience.everyone),
        external=len(audience.external),
        visible_external=len(audience.visible_external),
        private=len(audience.private),
        visible_private=len(audience.visible & audience.private),
        leaving=len(audience.leaving),
        attachment_bytes=mail.contents.attachment_bytes,
        marks=frozenset(finding.kind for finding in findings if finding.rule == "mark"),
        sender="delegate" if mail.sender.delegate else "member",
        periods=tuple(period.name for period in periods if period.concerned),
        elsewhere=tuple(period.name for period in periods if not period.concerned),
    )

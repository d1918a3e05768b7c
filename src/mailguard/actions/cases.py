"""Makes the case of a mail that was stopped or rerouted. Law: a sealed mail leaves nothing readable (PER-1)."""

from __future__ import annotations

from mailguard.actions.handling import NEXT_HOP, Handling
from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.evidence import Finding
from mailguard.notices.compose import Ground, Notice, message_of
from mailguard.policy.verdict import Hit
from mailguard.store.cases import NewCase
from mailguard.store.deliveries import NOTICE, NewDelivery


def new_case(handling: Handling, state: str) -> NewCase:
    """The case with number yet to come: clauses, masked evidence, factors; `state` as the store names it."""
    verdict, mail = handling.verdict, handling.mail
    hits = [hit for hit in verdict.hits if hit.effective]
    return NewCase(
        state=state,
        action=str(verdict.action),
        clauses=[_clause(hit) for hit in hits],
        evidence=[_evidence(finding, handling.sealed) for hit in hits for finding in hit.evidence],
        defences=[{"name": item.name, "why": item.why} for item in verdict.exemptions],
        factors=dict(verdict.factors),
        sender=handling.envelope.sender,
        recipients=[recipient.address for recipient in handling.envelope.recipients],
        message_id="" if handling.sealed else mail.contents.headers.first("message-id"),
        member=mail.sender.member.address,
        sealed=handling.sealed,
        policy=verdict.policy,
        version=verdict.version,
        mail_id=mail.id,
    )


def _clause(hit: Hit) -> dict[str, str]:
    clause = hit.clause
    return {
        "id": clause.id,
        "do": str(hit.do),
        "say": clause.say,
        "cites": clause.cites,
        "advice": clause.advice,
        "decides": clause.decides,
    }


def _evidence(finding: Finding, sealed: bool) -> dict[str, str | int]:
    return {
        "rule": finding.rule,
        "where": finding.where,
        "count": finding.count,
        "confidence": str(finding.confidence),
        "why": finding.why,
        "fingerprint": finding.fingerprint,
        "masked": "" if sealed else finding.masked,
    }


def grounds(hits: tuple[Hit, ...]) -> tuple[Ground, ...]:
    """What a notice says of each clause."""
    return tuple(
        Ground(
            id=hit.clause.id,
            say=hit.clause.say,
            cites=hit.clause.cites,
            advice=hit.clause.advice,
            decides=hit.clause.decides,
            places=tuple(f"{finding.where}: {finding.why}" for finding in hit.evidence),
        )
        for hit in hits
    )


async def notify(handling: Handling, kind: str, case: str) -> str:
    """Queue the sender's notice (none to `<>`); gives the case number back. Raises StoreError."""
    sender, services = handling.envelope.sender, handling.services
    if not sender:
        return case
    notice = Notice(kind, case, grounds(handling.verdict.decisive), handling.at, services.link(case), services.council)
    subject, text = services.templates.text(notice)
    message = message_of(subject, text, sender=services.notices_from, to=sender, at=handling.at)
    if services.signer:
        message = await services.signer.sign(message)
    new = NewDelivery(kind=NOTICE, route=NEXT_HOP, envelope=Envelope("", (Recipient(sender),)), case=case)
    await services.store.send(new, message)
    return case

"""Makes the case of a mail that was stopped or rerouted. Law: a sealed mail leaves nothing readable (PER-1)."""

from __future__ import annotations

from mailguard.actions.handling import NEXT_HOP, Handling, Services
from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.evidence import Finding
from mailguard.notices.compose import Ground, Notice, message_of
from mailguard.policy.verdict import Hit
from mailguard.store.cases import Case, NewCase
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


def grounds(case: Case) -> tuple[Ground, ...]:
    """What a notice says of each clause that decided; its evidence is named by place and reason, never by text."""
    places = tuple(dict.fromkeys(f"{item['where']}: {item['why']}" for item in case.evidence))
    decided = [item for item in case.clauses if item["do"] == case.action] or list(case.clauses)
    return tuple(
        Ground(item["id"], item["say"], item["cites"], item["advice"], item["decides"], places) for item in decided
    )


async def notify(services: Services, case: Case, kind: str, reason: str = "") -> str:
    """Queue the notice of a case to its sender (none to `<>`); gives the case's number back. Raises StoreError.

    `reason` is what the person who decided wants the sender to read.
    """
    if not case.sender:
        return case.number
    link = services.link(case.number)
    notice = Notice(kind, case.number, grounds(case), case.created, link, services.council, reason)
    subject, text = services.templates.text(notice)
    at = services.store.clock()
    message = message_of(subject, text, sender=services.notices_from, to=case.sender, at=at)
    if services.signer:
        message = await services.signer.sign(message)
    envelope = Envelope("", (Recipient(case.sender),))
    await services.store.send(NewDelivery(kind=NOTICE, route=NEXT_HOP, envelope=envelope, case=case.number), message)
    return case.number

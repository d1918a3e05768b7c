"""A clause's `what`, as data. Law: every key that is set must hold; an empty condition never holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from mailguard.mail.evidence import Confidence, Finding
from mailguard.policy.facts import Facts
from mailguard.policy.units import parse_size

Words = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]
Size = Annotated[int, BeforeValidator(lambda value: parse_size(value) if isinstance(value, str) else value)]


def _level(value: object) -> object:
    if isinstance(value, str):
        try:
            return Confidence.parse(value)
        except KeyError:
            raise ValueError(f'"{value}" is no level; write low, medium or high') from None
    return value


Level = Annotated[Confidence, BeforeValidator(_level)]


class Strict(BaseModel):
    """Base of everything read from TOML: an unknown key is an error, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Over(Strict):
    """A number that must be exceeded: `{ over = 5 }` is met by six."""

    over: Size


class Recipients(Strict):
    """How many distinct addresses, and which. `mailing` counts all transactions of one mailing (VOL-1)."""

    over: int
    of: Literal["mailing", "all", "external", "visible_external", "private", "visible_private", "leaving"] = "all"


class Condition(Strict):
    """What a clause looks for. Keys that are set are joined by "and"; values of one key by "or"."""

    rule: Words = ()
    kind: Words = ()
    at_least: Level = Confidence.MEDIUM
    count: Over | None = None
    purpose: Words = ()
    recipients: Recipients | None = None
    attachments: Over | None = None
    leaving: bool | None = None
    external: bool | None = None
    marked: Words = ()
    not_marked: Words = ()
    sender: Words = ()
    period: bool | None = None
    any: tuple[Condition, ...] = ()

    @property
    def counts_mailing(self) -> bool:
        """True where the store must say what earlier transactions of the same mailing reached."""
        return (self.recipients is not None and self.recipients.of == "mailing") or any(
            inner.counts_mailing for inner in self.any
        )

    def without_mailing(self) -> Condition:
        """The same condition less its count: where this fails, the store need not be asked."""
        here = self.recipients if self.recipients and self.recipients.of != "mailing" else None
        return self.model_copy(update={"recipients": here, "any": tuple(inner.without_mailing() for inner in self.any)})

    def evidence(self, findings: Sequence[Finding], facts: Facts) -> tuple[Finding, ...] | None:
        """The findings (counted facts among them) that meet this condition; None where it is not met."""
        met: list[Finding] = []
        for part in (self._by_rule(findings), self._by_purpose(findings, facts), self._by_facts(facts)):
            if part is None:
                return None
            met.extend(part)
        if self.any:
            inner = [found for one in self.any if (found := one.evidence(findings, facts)) is not None]
            if not inner:
                return None
            met.extend(finding for found in inner for finding in found)
        return tuple(met) if met else None

    def _by_rule(self, findings: Sequence[Finding]) -> list[Finding] | None:
        if not self.rule:
            return []
        named = set(self.rule)
        hits = [
            finding
            for finding in findings
            if (finding.rule in named or finding.family in named)
            and finding.confidence >= self.at_least
            and (not self.kind or finding.kind in self.kind)
        ]
        if not hits or (self.count and sum(hit.count for hit in hits) <= self.count.over):
            return None
        return hits

    def _by_purpose(self, findings: Sequence[Finding], facts: Facts) -> list[Finding] | None:
        if not self.purpose:
            return []
        if facts.purpose not in self.purpose:
            return None
        why = f"The mail is judged {facts.purpose.replace('_', ' ')}."
        judged = [item for item in findings if item.rule == "purpose" and item.kind == facts.purpose]
        return judged or [Finding("purpose", "mail", 1, facts.purpose_confidence, why, kind=facts.purpose)]

    def _by_facts(self, facts: Facts) -> list[Finding] | None:
        met: list[Finding] = []
        tests = (self._recipients(facts), self._attachments(facts), *self._switches(facts))
        for wanted, found in tests:
            if wanted and found is None:
                return None
            if wanted and found is not None:
                met.append(found)
        return met

    def _recipients(self, facts: Facts) -> tuple[bool, Finding | None]:
        if self.recipients is None:
            return False, None
        which = self.recipients.of
        number = facts.total if which == "all" else int(getattr(facts, which))
        if number <= self.recipients.over:
            return True, None
        return True, _counted(
            "recipients", "envelope", number, f"{number} distinct addresses ({which.replace('_', ' ')})."
        )

    def _attachments(self, facts: Facts) -> tuple[bool, Finding | None]:
        if self.attachments is None:
            return False, None
        size = facts.attachment_bytes
        if size <= self.attachments.over:
            return True, None
        return True, _counted("attachments", "attachments", size, f"Attachments of {size} bytes, decoded.")

    def _switches(self, facts: Facts) -> list[tuple[bool, Finding | None]]:
        return [
            _switch(self.leaving, facts.leaving > 0, "leaving", facts.leaving, "outside the council's network"),
            _switch(self.external, facts.external > 0, "external", facts.external, "outside the council"),
            _switch(self.period, bool(facts.periods), "period", len(facts.periods), "in an election period"),
            _among(self.marked, facts.marks, "mark"),
            _none_of(self.not_marked, facts.marks),
            _among(self.sender, {facts.sender}, "sender"),
        ]


def _counted(rule: str, where: str, count: int, why: str) -> Finding:
    return Finding(rule, where, count, Confidence.HIGH, why)


def _switch(wanted: bool | None, actual: bool, name: str, count: int, words: str) -> tuple[bool, Finding | None]:
    if wanted is None:
        return False, None
    if wanted is not actual:
        return True, None
    return True, _counted(name, "mail", count, f"{count or 'None'}: {words}.")


def _among(wanted: Sequence[str], actual: frozenset[str] | set[str], name: str) -> tuple[bool, Finding | None]:
    if not wanted:
        return False, None
    hit = next((word for word in wanted if word in actual), None)
    return True, _counted(name, "mail", 1, f"The {name} is {hit}.") if hit else None


def _none_of(wanted: Sequence[str], actual: frozenset[str]) -> tuple[bool, Finding | None]:
    if not wanted:
        return False, None
    if actual.intersection(wanted):
        return True, None
    return True, _counted("mark", "subject", 0, "The subject bears no such mark.")

"""A clause's `what`, as data. Law: every key that is set must hold; an empty condition never holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
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
    def wanted(self) -> frozenset[str] | None:
        """What must be among `told` for this to be met: one of these; None where nothing need be."""
        if self.rule:
            return frozenset(self.rule)
        if self.purpose:
            return frozenset(f"purpose {word}" for word in self.purpose)
        if self.marked:
            return frozenset(f"mark {word}" for word in self.marked)
        inner = [one.wanted for one in self.any]
        if not inner or None in inner:
            return None
        return frozenset(name for names in inner if names for name in names)

    @staticmethod
    def told(findings: Sequence[Finding], facts: Facts) -> set[str]:
        """Rules and families that found something, the purpose and the marks: what `wanted` may name."""
        names = {finding.rule for finding in findings}
        names.update([finding.family for finding in findings])
        names.update([f"mark {mark}" for mark in facts.marks])
        names.add(f"purpose {facts.purpose}")
        return names

    @property
    def counts_mailing(self) -> bool:
        """True where the store must say what earlier transactions of the same mailing reached."""
        return (self.recipients is not None and self.recipients.of == "mailing") or any(
            inner.counts_mailing for inner in self.any
        )

    def without_mailing(self) -> Condition:
        """The same condition less its count: where this fails, the store need not be asked."""
        here = self.recipients if self.recipients and self.recipients.of != "mailing" else None
        inner = tuple(one.without_mailing() for one in self.any)
        if not all(one.model_dump(exclude_defaults=True) for one in inner):
            # One of them asks for the count alone: that may be met whatever the others ask.
            inner = ()
        return self.model_copy(update={"recipients": here, "any": inner})

    def evidence(self, findings: Sequence[Finding], facts: Facts) -> tuple[Finding, ...] | None:
        """The findings (counted facts among them) that meet this condition; None where it is not met."""
        met: list[Finding] = []
        for part in self._parts(findings, facts):
            if part is None:
                return None
            met += part
        return tuple(met) or None

    def _parts(self, findings: Sequence[Finding], facts: Facts) -> Iterator[list[Finding] | None]:
        """What meets each key that is set, one after another, None for a key that is not met: asked on every mail."""
        if self.rule:
            yield self._by_rule(findings)
        if self.purpose:
            yield self._by_purpose(findings, facts)
        if self.recipients is not None:
            yield self._by_recipients(self.recipients, facts)
        if self.attachments is not None:
            yield _attached(self.attachments.over, facts.attachment_bytes)
        if self.leaving is not None:
            yield _switch(self.leaving, facts.leaving, "leaving", "outside the council and its secure domains")
        if self.external is not None:
            yield _switch(self.external, facts.external, "external", "outside the council")
        if self.period is not None:
            yield _in_period(self.period, len(facts.periods))
        if self.marked:
            yield _among(self.marked, facts.marks, "mark")
        if self.not_marked:
            yield _none_of(self.not_marked, facts.marks)
        if self.sender:
            yield _among(self.sender, {facts.sender}, "sender")
        if self.any:
            yield self._by_any(findings, facts)

    def _by_rule(self, findings: Sequence[Finding]) -> list[Finding] | None:
        hits = [
            finding
            for finding in findings
            if (finding.rule in self.rule or finding.family in self.rule)
            and finding.confidence >= self.at_least
            and (not self.kind or finding.kind in self.kind)
        ]
        if not hits or (self.count and sum(hit.count for hit in hits) <= self.count.over):
            return None
        return hits

    def _by_purpose(self, findings: Sequence[Finding], facts: Facts) -> list[Finding] | None:
        if facts.purpose not in self.purpose:
            return None
        why = f"The mail is judged {facts.purpose.replace('_', ' ')}."
        judged = [item for item in findings if item.rule == "purpose" and item.kind == facts.purpose]
        return judged or [Finding("purpose", "mail", 1, facts.purpose_confidence, why, kind=facts.purpose)]

    def _by_recipients(self, wanted: Recipients, facts: Facts) -> list[Finding] | None:
        number = facts.total if wanted.of == "all" else int(getattr(facts, wanted.of))
        if number <= wanted.over:
            return None
        return _counted("recipients", "envelope", number, f"{number} distinct addresses{WHOSE[wanted.of]}.")

    def _by_any(self, findings: Sequence[Finding], facts: Facts) -> list[Finding] | None:
        inner = [found for one in self.any if (found := one.evidence(findings, facts)) is not None]
        return [finding for found in inner for finding in found] or None


WHOSE = {
    "all": "",
    "mailing": ", counted over the whole mailing",
    "external": " outside the council",
    "visible_external": " outside the council in To or Cc",
    "private": " of private persons",
    "visible_private": " of private persons in To or Cc",
    "leaving": " outside the council and its secure domains",
}


def _counted(rule: str, where: str, count: int, why: str) -> list[Finding]:
    return [Finding(rule, where, count, Confidence.HIGH, why)]


def _attached(over: int, size: int) -> list[Finding] | None:
    return (
        _counted("attachments", "attachments", size, f"Attachments of {size} bytes, decoded.") if size > over else None
    )


def _switch(wanted: bool, count: int, name: str, words: str) -> list[Finding] | None:
    who = f"{count} recipients are" if count > 1 else "One recipient is" if count else "No recipient is"
    return _counted(name, "mail", count, f"{who} {words}.") if wanted is (count > 0) else None


def _in_period(wanted: bool, count: int) -> list[Finding] | None:
    when = "in an election period of the sender's ward" if count else "outside any election period"
    return _counted("period", "mail", count, f"It is sent {when}.") if wanted is (count > 0) else None


def _among(wanted: Sequence[str], actual: Set[str], name: str) -> list[Finding] | None:
    hit = next((word for word in wanted if word in actual), None)
    return _counted(name, "mail", 1, f"The {name} is {hit}.") if hit else None


def _none_of(wanted: Sequence[str], actual: Set[str]) -> list[Finding] | None:
    if not actual.isdisjoint(wanted):
        return None
    return _counted("mark", "subject", 0, f"It is not marked {' or '.join(wanted).replace('_', ' ')}.")

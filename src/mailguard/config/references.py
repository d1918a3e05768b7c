"""Names in clauses that must name something. Law: a clause that hangs on nothing is an error, not a quiet gap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mailguard.config.faults import nearest
from mailguard.config.layers import Merged
from mailguard.config.places import Loc
from mailguard.policy.action import Action
from mailguard.policy.clause import Clause
from mailguard.policy.condition import Condition

PURPOSES = frozenset({"personal", "council", "group", "campaign", "private_business", "unknown"})
MARKS = frozenset({"personal", "secure", "not_for_publication"})
GRANT = "grant"
"""A live grant of a mailing: a defence the store knows of, not a module in `defences/`."""

SENDERS = frozenset({"member", "delegate"})


@dataclass(frozen=True)
class Known:
    """What clauses may name. `kinds` are by rule; a rule that declares none takes any kind."""

    rules: frozenset[str]
    defences: frozenset[str]
    families: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kinds: Mapping[str, frozenset[str]] = field(default_factory=dict)
    routes: frozenset[str] = frozenset()


def check_clause(clause: Clause, merged: Merged, known: Known) -> None:
    """Record every name in this clause that names nothing."""
    _names(merged, ("unless",), clause.unless, known.defences, "defence")
    if clause.in_period and clause.in_period.unless:
        _names(merged, ("in_period", "unless"), clause.in_period.unless, known.defences, "defence")
    if clause.do is Action.ENCRYPT and clause.route != "secure":
        _names(merged, ("route",), (clause.route,), known.routes, "route")
    if not clause.what.model_dump(exclude_defaults=True):
        merged.fault(("what",), "is empty and would never be met; name a rule, a purpose or a count")
    if not (clause.say.isascii() and clause.say.isprintable()):
        merged.fault(("say",), "goes into an SMTP reply: write plain ASCII without line breaks")
    _condition(clause.what, merged, ("what",), known)


def _condition(condition: Condition, merged: Merged, loc: Loc, known: Known) -> None:
    _names(merged, (*loc, "rule"), condition.rule, known.rules | known.families.keys(), "rule or family")
    _names(merged, (*loc, "purpose"), condition.purpose, PURPOSES, "purpose")
    _names(merged, (*loc, "marked"), condition.marked, MARKS, "mark")
    _names(merged, (*loc, "not_marked"), condition.not_marked, MARKS, "mark")
    _names(merged, (*loc, "sender"), condition.sender, SENDERS, "sender")
    if (kinds := _kinds(condition, known)) is not None:
        _names(merged, (*loc, "kind"), condition.kind, kinds, "kind of this rule")
    if condition.kind and not condition.rule:
        merged.fault((*loc, "kind"), "selects among a rule's findings: name the rule too")
    if condition.count and not condition.rule:
        merged.fault((*loc, "count"), "counts a rule's findings: name the rule too")
    for number, inner in enumerate(condition.any):
        _condition(inner, merged, (*loc, "any", number), known)


def _kinds(condition: Condition, known: Known) -> frozenset[str] | None:
    """Every kind the named rules may give; None where one of them does not say."""
    rules = {rule for name in condition.rule for rule in known.families.get(name, frozenset({name}))}
    if not rules or any(rule not in known.kinds for rule in rules):
        return None
    return frozenset(kind for rule in rules for kind in known.kinds[rule])


def _names(merged: Merged, loc: Loc, words: Iterable[str], known: Iterable[str], what: str) -> None:
    right = frozenset(known)
    for word in words:
        if word not in right:
            merged.fault(loc, f'"{word}" is no {what}{nearest(word, right)}')

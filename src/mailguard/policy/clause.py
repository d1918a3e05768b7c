"""One line of a preset. Law: a clause without a citation does not load (MON-2)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from mailguard.policy.action import Action
from mailguard.policy.condition import Condition, Strict, Words


def _action(value: object) -> object:
    if isinstance(value, str):
        try:
            return Action.parse(value)
        except KeyError:
            raise ValueError(f'"{value}" is no action; write one of {", ".join(map(str, Action))}') from None
    return value


Do = Annotated[Action, BeforeValidator(_action)]


class InPeriod(Strict):
    """What a clause becomes in an election period (POL-12..15): stricter, never milder."""

    do: Do
    unless: Words | None = None
    wards: Literal["all", "concerned"] = "concerned"


class Clause(Strict):
    """From, to, when, what, do: `what` is looked for, `unless` saves, `do` is done, `say` is told.

    `on_failure` is what happens where a rule of this clause could not be run: defer (451) or hold.
    `analogy` marks a limit written for letters and read for mail by analogy (policy.md, section 0.2).
    """

    id: str = Field(pattern=r"^[A-Z]+-[0-9A-Za-z.]+$")
    cites: str = Field(min_length=3)
    what: Condition
    unless: Words = ()
    do: Do
    mode: Literal["enforce", "observe"] = "enforce"
    say: str = Field(min_length=3)
    advice: str = ""
    decides: str = "the Monitoring Officer"
    analogy: bool = False
    on_failure: Literal["defer", "hold"] = "defer"
    in_period: InPeriod | None = None
    route: str = "secure"
    tag: str = "check"

    @property
    def enforced(self) -> bool:
        """True where this clause has effect; an observing one is judged and counted alone."""
        return self.mode == "enforce"

    @property
    def rules(self) -> frozenset[str]:
        """Names of rules and families this clause hangs on."""
        return _rules(self.what)


def _rules(condition: Condition) -> frozenset[str]:
    own = {*condition.rule}
    if condition.purpose:
        own.add("purpose")
    if condition.marked or condition.not_marked:
        own.add("mark")
    return frozenset(own).union(*(_rules(inner) for inner in condition.any))

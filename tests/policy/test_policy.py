"""How findings become a verdict: as tables, and as properties that hold for any findings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailguard.mail.evidence import Confidence, Exemption, Finding
from mailguard.policy.action import Action
from mailguard.policy.clause import Clause
from mailguard.policy.facts import Facts
from mailguard.policy.policy import Policy

FACTS = Facts(
    purpose="unknown",
    purpose_confidence=Confidence.LOW,
    total=1,
    mailing=1,
    external=1,
    visible_external=1,
    private=0,
    visible_private=0,
    leaving=1,
    attachment_bytes=0,
    marks=frozenset(),
    sender="member",
)


def clause(number: int, what: dict[str, Any], do: str, **more: Any) -> Clause:
    return Clause.model_validate(
        {"id": f"T-{number}", "cites": "Test s1", "what": what, "do": do, "say": "Seen."} | more
    )


def finding(rule: str, confidence: Confidence = Confidence.HIGH, **more: Any) -> Finding:
    return Finding(rule, "body", 1, confidence, "Seen.", **more)


def decide(*clauses: Clause, findings: tuple[Finding, ...] = (), exempt: tuple[str, ...] = (), **more: Any) -> Action:
    policy = Policy("test", "1", clauses)
    facts = more.pop("facts", FACTS)
    return policy.decide(findings, [Exemption(name, "Because.") for name in exempt], facts, **more).action


HOLD = clause(1, {"rule": "nino"}, "hold")
WARN = clause(2, {"rule": "card"}, "warn", unless=["grant", "casework"])


def test_the_strictest_wins_in_any_order() -> None:
    both = (finding("nino"), finding("card"))
    assert decide(HOLD, WARN, findings=both) == decide(WARN, HOLD, findings=both) == Action.HOLD
    assert decide(HOLD, WARN, findings=(finding("card"),)) == Action.WARN
    assert decide(HOLD, WARN) == Action.PASS


def test_a_defence_saves_only_from_the_clauses_that_accept_it() -> None:
    both = (finding("nino"), finding("card"))
    assert decide(HOLD, WARN, findings=both, exempt=("casework",)) == Action.HOLD
    assert decide(WARN, findings=both, exempt=("casework",)) == Action.PASS
    assert decide(WARN, findings=both, exempt=("newsletter",)) == Action.WARN


def test_a_grant_holds_for_its_own_clause_alone() -> None:
    assert decide(WARN, findings=(finding("card"),), granted={"T-2"}) == Action.PASS
    assert decide(WARN, findings=(finding("card"),), granted={"T-1"}) == Action.WARN
    assert decide(HOLD, findings=(finding("nino"),), granted={"T-1"}) == Action.HOLD


def test_an_observing_clause_is_judged_and_changes_nothing() -> None:
    observed = HOLD.model_copy(update={"mode": "observe"})
    verdict = Policy("test", "1", (observed,)).decide([finding("nino")], [], FACTS)
    assert verdict.action == Action.PASS
    assert [hit.clause.id for hit in verdict.hits] == ["T-1"]


def test_below_its_level_a_finding_does_not_count() -> None:
    assert decide(HOLD, findings=(finding("nino", Confidence.LOW),)) == Action.PASS
    assert (
        decide(clause(1, {"rule": "nino", "at_least": "low"}, "hold"), findings=(finding("nino", Confidence.LOW),)) == 4
    )


@pytest.mark.parametrize(
    ("mode", "on_failure", "action"),
    [("enforce", "defer", Action.DEFER), ("enforce", "hold", Action.HOLD), ("observe", "defer", Action.PASS)],
)
def test_a_rule_that_failed_is_never_no_finding(mode: str, on_failure: str, action: Action) -> None:
    one = clause(1, {"rule": "nino"}, "tag", mode=mode, on_failure=on_failure)
    assert decide(one, failed=[("nino", "personal_data")]) == action
    assert decide(one, failed=[("card", "nino")]) == action
    assert decide(one, failed=[("card", "personal_data")]) == Action.PASS


def test_marks_and_purpose_hang_on_their_rules() -> None:
    assert decide(clause(1, {"marked": "secure"}, "tag"), failed=[("mark", "mark")]) == Action.DEFER
    assert decide(clause(1, {"purpose": "personal"}, "tag"), failed=[("purpose", "purpose")]) == Action.DEFER


def test_a_period_makes_a_clause_stricter_and_then_it_returns() -> None:
    one = clause(1, {"rule": "news"}, "warn", unless=["newsletter"], in_period={"do": "hold", "unless": []})
    seen = (finding("news"),)
    during = replace(FACTS, periods=("Local elections",))
    assert decide(one, findings=seen, exempt=("newsletter",)) == Action.PASS
    assert decide(one, findings=seen, exempt=("newsletter",), facts=during) == Action.HOLD
    mild = clause(1, {"rule": "news"}, "block", in_period={"do": "tag"})
    assert decide(mild, findings=seen, facts=during) == Action.BLOCK


NAMES = st.sampled_from(["nino", "card", "news", "imprint"])
FINDINGS = st.lists(
    st.builds(finding, NAMES, st.sampled_from(list(Confidence)), family=st.sampled_from(["", "personal_data"]))
)
CLAUSES = st.lists(
    st.builds(
        lambda number, rule, do, level, over: clause(
            number, {"rule": rule, "at_least": level} | ({"count": {"over": over}} if over else {}), do
        ),
        st.integers(1, 99),
        NAMES,
        st.sampled_from(["pass", "tag", "encrypt", "warn", "hold", "defer", "block"]),
        st.sampled_from(["low", "medium", "high"]),
        st.integers(0, 3),
    ),
    max_size=6,
)


@given(CLAUSES, FINDINGS, FINDINGS)
def test_more_evidence_never_makes_a_verdict_milder(
    clauses: list[Clause], some: list[Finding], more: list[Finding]
) -> None:
    assert decide(*clauses, findings=(*some, *more)) >= decide(*clauses, findings=tuple(some))


@given(CLAUSES, FINDINGS)
def test_observing_never_stops(clauses: list[Clause], some: list[Finding]) -> None:
    policy = Policy("test", "1", tuple(clauses)).observing()
    assert policy.decide(some, [], FACTS, [("nino", "")]).action == Action.PASS


def test_the_mailing_is_asked_for_only_where_it_could_decide() -> None:
    policy = Policy(
        "test", "1", (clause(1, {"purpose": "personal", "recipients": {"over": 5, "of": "mailing"}}, "warn"),)
    )
    personal = [finding("purpose", kind="personal")]
    facts = replace(FACTS, purpose="personal")
    assert policy.counts_mailing(personal, [], facts) == "enforce"
    assert policy.observing().counts_mailing(personal, [], facts) == "observe"
    assert not policy.counts_mailing([], [], FACTS)


def test_the_mailing_is_asked_for_where_a_period_takes_a_defence_away() -> None:
    what = {"recipients": {"over": 5, "of": "mailing"}}
    policy = Policy(
        "test", "1", (clause(1, what, "warn", unless=["casework"], in_period={"do": "hold", "unless": []}),)
    )
    casework = [Exemption("casework", "Because.")]
    assert not policy.counts_mailing([], casework, FACTS)
    assert policy.counts_mailing([], casework, replace(FACTS, periods=("Local elections",))) == "enforce"


def test_the_mailing_is_asked_for_where_it_is_one_of_several_choices() -> None:
    choices = {"external": True, "any": [{"recipients": {"over": 5, "of": "mailing"}}, {"rule": "news"}]}
    policy = Policy("test", "1", (clause(1, choices, "warn"),))
    assert policy.counts_mailing([], [], FACTS) == "enforce"
    assert not policy.counts_mailing([], [], replace(FACTS, external=0))

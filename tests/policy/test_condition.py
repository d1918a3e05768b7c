"""What a clause looks for: each key alone, and joined."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from mailguard.mail.evidence import Confidence, Finding
from mailguard.policy.condition import Condition
from tests.policy.test_policy import FACTS, finding


def met(what: dict[str, Any], *findings: Finding, **facts: Any) -> bool:
    return Condition.model_validate(what).evidence(findings, replace(FACTS, **facts)) is not None


@pytest.mark.parametrize(
    ("what", "facts", "expected"),
    [
        ({"recipients": {"over": 5}}, {"total": 5}, False),
        ({"recipients": {"over": 5}}, {"total": 6}, True),
        ({"recipients": {"over": 5, "of": "mailing"}}, {"total": 2, "mailing": 6}, True),
        ({"recipients": {"over": 5, "of": "external"}}, {"total": 9, "external": 5}, False),
        ({"attachments": {"over": "10MB"}}, {"attachment_bytes": 10_000_000}, False),
        ({"attachments": {"over": "10MB"}}, {"attachment_bytes": 10_000_001}, True),
        ({"leaving": True}, {"leaving": 0}, False),
        ({"leaving": False}, {"leaving": 0}, True),
        ({"external": True}, {"external": 2}, True),
        ({"purpose": "personal"}, {"purpose": "council"}, False),
        ({"purpose": ["council", "personal"]}, {"purpose": "personal"}, True),
        ({"marked": "personal"}, {"marks": frozenset({"personal"})}, True),
        ({"not_marked": "personal"}, {"marks": frozenset({"personal"})}, False),
        ({"not_marked": "personal"}, {}, True),
        ({"period": True}, {}, False),
        ({"period": True}, {"periods": ("Poll",)}, True),
        ({"sender": "delegate"}, {}, False),
        ({}, {}, False),
    ],
)
def test_facts(what: dict[str, Any], facts: dict[str, Any], expected: bool) -> None:
    assert met(what, **facts) is expected


def test_all_keys_must_hold() -> None:
    what = {"rule": "nino", "leaving": True}
    assert met(what, finding("nino"))
    assert not met(what, finding("nino"), leaving=0)
    assert not met(what)


def test_a_family_stands_for_its_rules_and_kind_chooses() -> None:
    assert met({"rule": "personal_data"}, finding("nino", family="personal_data"))
    assert met({"rule": "unreadable", "kind": "locked"}, finding("unreadable", kind="locked"))
    assert not met({"rule": "unreadable", "kind": "locked"}, finding("unreadable", kind="broken"))


def test_count_sums_over_findings() -> None:
    what = {"rule": "nino", "count": {"over": 2}}
    assert not met(what, finding("nino"), finding("nino"))
    assert met(what, finding("nino"), finding("nino"), finding("nino"))


def test_any_needs_one_of_several() -> None:
    what = {"any": [{"rule": "nino"}, {"rule": "card"}]}
    assert met(what, finding("card"))
    assert not met(what, finding("iban"))


def test_evidence_is_named_even_where_facts_alone_decide() -> None:
    (seen,) = Condition.model_validate({"recipients": {"over": 5}}).evidence([], replace(FACTS, total=6)) or ()
    assert (seen.rule, seen.count, seen.confidence) == ("recipients", 6, Confidence.HIGH)


@pytest.mark.parametrize(
    "what", [{"rules": "nino"}, {"recipients": {"over": 5, "of": "friends"}}, {"at_least": "sure"}]
)
def test_what_is_not_known_is_refused(what: dict[str, Any]) -> None:
    with pytest.raises((ValidationError, KeyError)):
        Condition.model_validate(what)

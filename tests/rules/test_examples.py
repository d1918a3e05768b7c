"""Every rule against the texts written beside it: it finds its hits and none of its misses."""

from __future__ import annotations

import pytest
from tests.support.mails import findings, mail_of, rule_of

from mailguard.mail.evidence import Confidence
from mailguard.rules.registry import rule_classes

HITS = [(name, text) for name, kind in rule_classes().items() for text in kind.hits]
MISSES = [(name, text) for name, kind in rule_classes().items() for text in kind.misses]


def needed(name):
    """The rule and all those of a lower rank that it may ask."""
    kinds = rule_classes()
    return [rule_of(other) for other, kind in kinds.items() if other == name or kind.rank < kinds[name].rank]


@pytest.mark.parametrize(("name", "text"), HITS)
def test_hit_is_found(name, text):
    assert [item for item in findings(mail_of(text), *needed(name)) if item.rule == name]


@pytest.mark.parametrize(("name", "text"), MISSES)
def test_miss_is_not_found_at_the_level_that_acts(name, text):
    found = [item for item in findings(mail_of(text), *needed(name)) if item.rule == name]
    assert not [item for item in found if item.confidence >= Confidence.MEDIUM]

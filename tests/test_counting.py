"""A mailing is counted over its transactions, and given back where the mail was stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mailguard.counting import Counting
from mailguard.examine import Examined
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.policy.facts import facts_of
from mailguard.policy.policy import Policy
from mailguard.store.store import Store
from tests.policy.test_policy import clause
from tests.support.mails import mail_of

POLICY = Policy(
    "test",
    "1",
    (
        clause(1, {"purpose": "personal", "recipients": {"over": 5, "of": "mailing"}}, "warn"),
        clause(2, {"rule": "marketing"}, "hold", unless=["grant"]),
    ),
)
PERSONAL = (Finding("purpose", "mail", 1, Confidence.HIGH, "Personal.", kind="personal"),)
MARKETING = (Finding("marketing", "mail", 1, Confidence.HIGH, "Marketing.", kind="offer"),)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(f"sqlite:///{tmp_path / 'm.db'}", tmp_path / "held", tmp_path / "key")
    yield store
    await store.close()


def mail(identity: str, *to: str, text: str = "Come to my party") -> Mail:
    return replace(mail_of(text, to=to), id=identity)


async def count(store: Store, one: Mail, *, delivered: bool = True) -> int:
    counting = Counting(store, one)
    examined = Examined(one, PERSONAL, ())
    number = await counting.mailing(POLICY, examined, facts_of(one, PERSONAL))
    await counting.settle(delivered)
    return number


async def test_transactions_of_one_mailing_add_up_and_addresses_count_once(store: Store) -> None:
    assert await count(store, mail("1", "a@x.example", "b@x.example")) == 2
    assert await count(store, mail("2", "b@x.example", "c@x.example")) == 3
    assert await count(store, mail("3", "d@x.example", text="Quite another letter")) == 1


async def test_recipients_of_a_stopped_mail_do_not_count(store: Store) -> None:
    assert await count(store, mail("1", "a@x.example", "b@x.example"), delivered=False) == 2
    assert await count(store, mail("2", "c@x.example")) == 1


async def test_the_store_is_not_asked_where_it_could_not_decide(store: Store) -> None:
    one = mail("1", "a@x.example")
    assert await Counting(store, one).mailing(POLICY, Examined(one, (), ()), facts_of(one, ())) == 0


async def test_a_live_grant_that_is_large_enough_covers_its_clause(store: Store) -> None:
    one = mail("1", "a@x.example", "b@x.example")
    facts = facts_of(one, MARKETING)
    verdict = POLICY.decide(MARKETING, [], facts)
    counting = Counting(store, one)
    assert await counting.granted(verdict) == frozenset()
    now = one.at
    who = one.sender.member.address
    day = timedelta(days=1)
    await store.grants.add(
        member=who, clause="T-2", purpose="survey", largest=1, begins=now - day, ends=now + day, approver="MO"
    )
    assert await counting.granted(verdict) == frozenset()
    await store.grants.add(
        member=who, clause="T-2", purpose="survey", largest=2, begins=now - day, ends=now + day, approver="MO"
    )
    assert await counting.granted(verdict) == {"T-2"}


async def test_observing_clauses_do_not_need_the_store(store: Store) -> None:
    one = mail("1", "a@x.example")
    examined, facts = Examined(one, PERSONAL, ()), facts_of(one, PERSONAL)
    await store.close()
    assert await Counting(store, one).mailing(POLICY.observing(), examined, facts) in {0, 1}

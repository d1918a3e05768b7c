"""One rule that breaks is never "no finding", and never more than itself and what builds on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from mailguard.defences.defence import Defence
from mailguard.defences.defence import Options as DefenceOptions
from mailguard.examine import Examiner
from mailguard.mail.evidence import Confidence, Exemption, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.rules.rule import Options, Rule, Tools
from tests.support.mails import mail_of

MAIL = mail_of("Hello there")


class Good(Rule):
    name = "good"
    family = "virtue"

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        yield self.finding("body", Confidence.HIGH, "Seen.", count=1)


class Bad(Rule):
    name = "bad"
    family = "vice"

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        yield self.finding("body", Confidence.HIGH, "Half seen.", count=1)
        raise ValueError("secret text")


class Later(Rule):
    name = "later"
    family = "virtue"
    rank = 5
    reads: ClassVar[tuple[str, ...]] = ("vice",)

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        yield self.finding("body", Confidence.LOW, f"{len(scan.found('good'))} before.", count=1)


class Sleeper(Later):
    name = "sleeper"
    wakes: ClassVar[tuple[str, ...] | None] = ("vice",)


class Dreamer(Sleeper):
    name = "dreamer"
    rank = 6
    reads: ClassVar[tuple[str, ...]] = ("sleeper",)


class Mercy(Defence):
    name = "mercy"
    reads: ClassVar[tuple[str, ...]] = ("vice",)

    def holds(self, mail: Mail, scan: Scan) -> Exemption | None:
        return Exemption("mercy", "Nothing speaks against it.") if not scan.found("vice") else None


def rules(*kinds: type[Rule]) -> list[Rule]:
    return [kind(Options(), Tools()) for kind in kinds]


def mercy() -> Mercy:
    return Mercy(DefenceOptions(), {}, {})


def test_a_later_rule_sees_what_was_found() -> None:
    examined = Examiner(rules(Later, Good), [mercy()]).examine(MAIL)
    assert [item.why for item in examined.findings] == ["Seen.", "1 before."]
    assert [item.name for item in examined.exemptions] == ["mercy"]
    assert examined.failed == ()


def test_a_rule_that_raises_is_named_and_the_others_go_on() -> None:
    examined = Examiner(rules(Good, Bad), []).examine(MAIL)
    assert [item.rule for item in examined.findings] == ["good"]
    assert examined.failed == (("bad", "vice"),)
    assert examined.faults == ("bad: ValueError",)


def test_what_builds_on_a_broken_rule_is_broken() -> None:
    examined = Examiner(rules(Good, Bad, Later), [mercy()]).examine(MAIL)
    assert ("later", "virtue") in examined.failed
    assert examined.exemptions == ()


def test_a_sleeping_rule_that_a_broken_one_might_have_woken_is_broken_too() -> None:
    examined = Examiner(rules(Good, Bad, Sleeper, Dreamer), []).examine(MAIL)
    assert examined.failed == (("bad", "vice"), ("sleeper", "virtue"), ("dreamer", "virtue"))


def test_a_finding_wakes_the_rules_that_build_on_it() -> None:
    class Evil(Good):
        name = "evil"
        family = "vice"

    assert [item.rule for item in Examiner(rules(Sleeper, Good), []).examine(MAIL).findings] == ["good"]
    found = Examiner(rules(Sleeper, Dreamer, Good, Evil), []).examine(MAIL).findings
    assert [item.rule for item in found] == ["evil", "good", "sleeper", "dreamer"]


def test_cancellation_passes_through() -> None:
    class Cancelled(BaseException):
        pass

    class Stopped(Good):
        def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
            raise Cancelled

    try:
        Examiner(rules(Stopped), []).examine(MAIL)
    except Cancelled:
        return
    raise AssertionError("swallowed")

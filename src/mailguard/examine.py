"""Runs every rule and defence over one mail. Law: fail shut in one place: the one `except Exception` is here.

A rule that raises becomes a name in `Examined.failed`, which the policy turns into 451 or a hold; it is
never "no finding" (design law 3). Cancellation passes through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

from mailguard.config import Config, load
from mailguard.defences.defence import Defence
from mailguard.defences.registry import defence_classes
from mailguard.mail.contents import Contents
from mailguard.mail.envelope import Envelope
from mailguard.mail.evidence import Exemption, Finding
from mailguard.mail.mail import Mail
from mailguard.mail.message import Message
from mailguard.mail.people import Sender
from mailguard.matching.masking import Fingerprints
from mailguard.matching.scan import SELF, Matcher, Scan
from mailguard.people import Register, audience
from mailguard.rules.registry import rule_classes
from mailguard.rules.rule import Rule, Tools

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True)
class Examined:
    """All that was seen of one mail. `failed` holds (rule, family) of what could not be run."""

    mail: Mail
    findings: tuple[Finding, ...]
    exemptions: tuple[Exemption, ...]
    failed: tuple[tuple[str, str], ...] = ()
    faults: tuple[str, ...] = field(default=())


class Examiner:
    """The rules and defences of one configuration, compiled once and used for every mail."""

    def __init__(self, rules: Sequence[Rule], defences: Sequence[Defence]) -> None:
        """Raises ConfigError where an expression is not RE2."""
        self.rules = tuple(sorted(rules, key=lambda rule: (rule.rank, rule.name)))
        self.defences = tuple(defences)
        owners: list[Rule | Defence] = [*self.rules, *self.defences]
        patterns = {f"{owner.name}.{key}": source for owner in owners for key, source in owner.patterns.items()}
        self.matcher = Matcher(patterns)
        self._needs = [{*rule.reads, rule.family} if rule.rank else {*rule.reads} for rule in self.rules]
        self._always = bytes(rule.wakes is None for rule in self.rules)
        self._woken: dict[str, list[int]] = {}
        for at, rule in enumerate(self.rules):
            for name in _wakes(rule) or ():
                self._woken.setdefault(name, []).append(at)
        self._pleas = tuple((defence, {*defence.reads}, _wakes(defence)) for defence in self.defences)

    def examine(self, mail: Mail) -> Examined:
        """Every rule by rank, then every defence; of each those alone that could see anything in this mail."""
        scan, attempts = Scan(self.matcher, mail.contents), _Attempts()
        self._check_all(mail, scan, attempts)
        held: list[Exemption] = []
        for defence, needs, wakes in self._pleas:
            if (attempts.failed and attempts.lack(needs)) or (wakes is not None and wakes.isdisjoint(scan.told)):
                continue
            if exemption := attempts.run(defence.name, "", defence.holds, mail, scan):
                held.append(exemption)
        return Examined(mail, tuple(scan.found()), tuple(held), tuple(attempts.failed), tuple(attempts.faults))

    def _check_all(self, mail: Mail, scan: Scan, attempts: _Attempts) -> None:
        """Four rules in five sleep on an ordinary mail: those that are awake are marked, and the others passed over."""
        awake, at = bytearray(self._always), -1
        self._wake(awake, scan.told)
        while (at := awake.find(1, at + 1)) >= 0:
            rule, failed = self.rules[at], len(attempts.failed)
            if failed and attempts.lack(self._needs[at]):
                attempts.failed.append((rule.name, rule.family))
            elif found := attempts.run(rule.name, rule.family, _check, rule, mail, scan):
                scan.add(found)
                self._wake(awake, (rule.name, rule.family))
            if len(attempts.failed) > failed:
                # Who builds on it cannot be asked either, awake or not.
                for later in range(at + 1, len(awake)):
                    awake[later] |= attempts.lack(self._needs[later])

    def _wake(self, awake: bytearray, names: Iterable[str]) -> None:
        for name in names:
            for at in self._woken.get(name, ()):
                awake[at] = 1


def _wakes(owner: Rule | Defence) -> frozenset[str] | None:
    names = owner.wakes
    return None if names is None else frozenset(owner.name if name == SELF else name for name in names)


class _Attempts:
    """Runs one rule or defence after another, and keeps what could not be run."""

    def __init__(self) -> None:
        self.failed: list[tuple[str, str]] = []
        self.faults: list[str] = []

    def lack(self, names: set[str]) -> bool:
        """True where a rule or family among `names` has failed: what builds on it says nothing then."""
        return any(names & {name, family} for name, family in self.failed)

    def run(self, name: str, family: str, step: Callable[P, T], *given: P.args, **named: P.kwargs) -> T | None:
        try:
            return step(*given, **named)
        except Exception as error:
            self.failed.append((name, family))
            self.faults.append(f"{name}: {type(error).__name__}")
            return None


def _check(rule: Rule, mail: Mail, scan: Scan) -> tuple[Finding, ...]:
    return tuple(rule.check(mail, scan))


def load_config(path: Path | None) -> Config:
    """The operator's file checked against every rule and defence there is; raises ConfigError with all faults."""
    families: dict[str, set[str]] = {}
    for name, rule in rule_classes().items():
        families.setdefault(rule.family, set()).add(name)
    return load(
        path,
        {name: rule.options_type for name, rule in rule_classes().items()},
        {name: defence.options_type for name, defence in defence_classes().items()},
        families=families,
        kinds={name: kinds for name, rule in rule_classes().items() if (kinds := getattr(rule, "kinds", ()))},
    )


def build_examiner(config: Config, fingerprints: Fingerprints) -> Examiner:
    """Every rule and defence with the options of this configuration; raises ConfigError where one is not RE2."""
    tools = Tools(config.words, config.data, fingerprints)
    rules = [rule(config.rules[name], tools) for name, rule in rule_classes().items()]
    defences = [
        defence(config.defences[name], config.words, config.data) for name, defence in defence_classes().items()
    ]
    return Examiner(rules, defences)


def build_register(config: Config) -> Register:
    """The members and delegates of this configuration."""
    return Register(config.members, config.council, config.settings.members.scope)


class MailMaker:
    """Puts together what the rules see of one mail: on the wire and in a file alike."""

    def __init__(self, config: Config, register: Register) -> None:
        self._council, self._register = config.council, register
        self._freemail = frozenset(config.words.get("freemail", ()))

    def __call__(
        self,
        identity: str,
        envelope: Envelope,
        message: Message,
        contents: Contents,
        sender: Sender,
        *,
        at: datetime | None = None,
    ) -> Mail:
        """`at` is aware; None is now."""
        seen = audience(envelope, contents.headers, sender, self._register, self._council, self._freemail)
        return Mail(identity, envelope, message, contents, sender, seen, self._council, at or datetime.now(UTC))

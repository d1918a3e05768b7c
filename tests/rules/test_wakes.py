"""What is not run on a mail would have seen nothing in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.mails import mail_of

from mailguard.examine import Examiner, build_examiner, load_config
from mailguard.mail.body import text_parts
from mailguard.mail.contents import Contents
from mailguard.mail.mail import Mail
from mailguard.mail.mime import parse
from mailguard.matching.masking import Fingerprints
from mailguard.rules.registry import rule_classes

BAG = sorted((Path(__file__).parents[2] / "config" / "demo" / "mailbag").glob("*.eml"))


def examiner(*, all_awake: bool) -> Examiner:
    made = build_examiner(load_config(None), Fingerprints(b"k" * 32))
    if all_awake:
        for owner in (*made.rules, *made.defences):
            owner.wakes = None  # type: ignore[misc]
        return Examiner(made.rules, made.defences)
    return made


@pytest.fixture(scope="module")
def pair() -> tuple[Examiner, Examiner]:
    return examiner(all_awake=False), examiner(all_awake=True)


def samples() -> list[tuple[str, Mail]]:
    found = [
        (f"{name} {number}", mail_of(text))
        for name, rule in rule_classes().items()
        for number, text in enumerate((*rule.hits, *rule.misses))
    ]
    for path in BAG:
        structure = parse(path.read_bytes())
        body = text_parts(structure)
        mail = mail_of("")
        contents = Contents(structure.headers, tuple(body.parts), tuple(body.texts), tuple(body.tables))
        found.append((path.stem, Mail(**{**vars(mail), "contents": contents})))
    return found


def test_sleeping_rules_and_defences_would_have_seen_nothing(pair: tuple[Examiner, Examiner]) -> None:
    usual, awake = pair
    for name, mail in samples():
        few, every = usual.examine(mail), awake.examine(mail)
        assert (name, few.findings, few.exemptions) == (name, every.findings, every.exemptions)
        assert not few.failed
        assert not every.failed


def test_most_rules_sleep_on_an_ordinary_mail(pair: tuple[Examiner, Examiner]) -> None:
    usual, _ = pair
    asked: list[str] = []
    for rule in usual.rules:
        plain = rule.check

        def noted(mail: Mail, scan: object, name: str = rule.name, plain: object = plain) -> object:
            asked.append(name)
            return plain(mail, scan)  # type: ignore[operator]

        rule.check = noted  # type: ignore[method-assign, assignment]
    usual.examine(mail_of("The lamp by the shop is mended."))
    for rule in usual.rules:
        del rule.check  # type: ignore[method-assign]
    assert "disclaimer" in asked
    assert "nino" not in asked
    assert len(asked) < len(usual.rules) / 2

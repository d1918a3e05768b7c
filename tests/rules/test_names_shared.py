"""Looking for names is prepared once at start-up, not once a rule."""

from __future__ import annotations

import pytest

from mailguard.examine import build_examiner, load_config
from mailguard.judge.neutral import Neutraliser
from mailguard.matching.masking import Fingerprints
from mailguard.matching.names import Names
from mailguard.rules._contact import Contacts


def test_all_rules_of_a_configuration_share_one_finder_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Names] = []
    plain = Names.__init__

    def counted(self: Names, *words: object) -> None:
        made.append(self)
        plain(self, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(Names, "__init__", counted)
    rules = build_examiner(load_config(None), Fingerprints(b"k" * 32)).rules
    assert len(made) == 1
    users = {rule.name for rule in rules for value in vars(rule).values() if value is made[0]}
    assert users >= {"people_list", "person_record", "private_matter", "special_category", "vehicle_registration"}


@pytest.mark.parametrize("kind", [Contacts, Neutraliser])
def test_what_is_made_of_the_word_lists_is_made_once(monkeypatch: pytest.MonkeyPatch, kind: type) -> None:
    made: list[object] = []
    plain = kind.__init__

    def counted(self: object, *words: object) -> None:
        made.append(self)
        plain(self, *words)

    monkeypatch.setattr(kind, "__init__", counted)
    rules = build_examiner(load_config(None), Fingerprints(b"k" * 32)).rules
    for rule in rules:
        getattr(rule, "neutral", None)
    assert len(made) == 1

"""The layers, the environment and the paths of a configuration that loads."""

import os
from datetime import date
from pathlib import Path

import pytest

from mailguard.config import Config, preset_names
from mailguard.config.values import Address
from mailguard.examine import load_config
from mailguard.mail.errors import ConfigError
from mailguard.policy.action import Action
from mailguard.policy.clause import Clause

LEAST = """
preset = "{preset}"
{more}
[council]
domains = ["council.example"]
[listen]
address = "127.0.0.1:2525"
[next_hop]
address = "127.0.0.1:2526"
{tables}
"""


def load_text(folder: Path, *, preset: str = "lancashire", more: str = "", tables: str = "") -> Config:
    file = folder / "mailguard.toml"
    file.write_text(LEAST.format(preset=preset, more=more, tables=tables))
    return load_config(file)


def clause(config: Config, identity: str) -> Clause:
    return next(item for item in config.policy.clauses if item.id == identity)


def test_the_least_file_has_every_default(tmp_path: Path) -> None:
    settings = load_text(tmp_path).settings
    assert settings.listen.address == Address("127.0.0.1", 2525)
    assert settings.next_hop.tls == "off"
    assert settings.store.url == f"sqlite:///{tmp_path}/var/mailguard.db"
    assert settings.store.held == tmp_path / "var/held"
    assert settings.store.key == tmp_path / "mailguard.key"
    assert settings.web.address == Address("127.0.0.1", 8025)
    assert (settings.limits.idle, settings.limits.hop, settings.limits.message) == (300.0, 60.0, 50_000_000)
    assert settings.limits.connections == 1000
    assert settings.limits.messages_per_client is settings.limits.messages_per_member is None
    assert settings.notices_from == "postmaster@council.example"
    assert settings.members.scope == "members"
    assert settings.mode == "enforce"


def test_a_route_asks_for_tls_unless_told_otherwise(tmp_path: Path) -> None:
    config = load_text(tmp_path, tables='[routes.secure]\naddress = "[::1]:2527"')
    assert config.settings.routes["secure"].tls == "required"
    assert str(config.settings.routes["secure"].address) == "[::1]:2527"


@pytest.mark.parametrize("preset", preset_names())
def test_presets_load_and_every_clause_cites(preset: str, tmp_path: Path) -> None:
    config = load_text(tmp_path, preset=preset)
    assert config.policy.name == preset
    assert config.policy.version
    assert all(item.cites and item.say.isascii() and item.advice for item in config.policy.clauses)


def test_four_councils_have_a_preset() -> None:
    assert preset_names() == ["lancashire", "manchester", "southampton", "walsall"]


def test_the_operator_changes_a_clause_key_by_key(tmp_path: Path) -> None:
    config = load_text(
        tmp_path, tables='[clauses.VOL-9]\nmode = "observe"\n[clauses.VOL-9.what.attachments]\nover = "5MB"'
    )
    changed = clause(config, "VOL-9")
    assert changed.mode == "observe"
    assert changed.what.attachments is not None
    assert changed.what.attachments.over == 5_000_000
    assert changed.what.purpose == ("personal", "private_business")


def test_the_operator_adds_a_clause(tmp_path: Path) -> None:
    text = '[[clause]]\nid = "OWN-1"\ncites = "Order 4"\nwhat = { rule = "iban" }\ndo = "hold"\nsay = "An account."'
    assert clause(load_text(tmp_path, tables=text), "OWN-1").do is Action.HOLD


def test_a_council_changes_what_base_says(tmp_path: Path) -> None:
    lancashire, manchester = (load_text(tmp_path, preset=name) for name in ("lancashire", "manchester"))
    assert clause(lancashire, "SEC-2").do is Action.ENCRYPT
    assert clause(manchester, "SEC-2").do is Action.HOLD
    assert clause(lancashire, "PER-3").mode == "observe"
    assert clause(manchester, "PER-3").mode == "enforce"
    assert "SEC-5" not in {item.id for item in lancashire.policy.clauses}


def test_mode_observe_observes_every_clause(tmp_path: Path) -> None:
    config = load_text(tmp_path, more='mode = "observe"')
    assert {item.mode for item in config.policy.clauses} == {"observe"}


def test_a_preset_may_be_a_file_of_the_council(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text('[policy]\nname = "ours"\nversion = "7"\n[clauses.POL-1]\ndo = "block"\n')
    config = load_text(tmp_path, preset="ours.toml")
    assert (config.policy.name, config.policy.version) == ("ours", "7")
    assert clause(config, "POL-1").do is Action.BLOCK


def test_base_stops_on_no_single_councils_word(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text('[policy]\nname = "empty"\nversion = "1"\n')
    councils = ("Lancashire", "Walsall", "Southampton", "Manchester")
    law = ("ICO", "NHS", "Elections Act")
    for item in load_text(tmp_path, preset="empty.toml").policy.clauses:
        if item.do.stops and item.enforced and item.id != "SEC-11":
            assert sum(name in item.cites for name in councils) > 1 or any(name in item.cites for name in law), item.id


def test_polls_are_read(tmp_path: Path) -> None:
    config = load_text(tmp_path, tables='[[poll]]\nname = "County"\ndate = 2026-05-07\nwards = ["Harbour"]')
    assert [(poll.date, poll.notice, poll.wards) for poll in config.polls] == [(date(2026, 5, 7), None, ("Harbour",))]


def test_the_environment_gives_addresses_and_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILGUARD_NEXT_HOP__ADDRESS", "relay.council.example:25")
    monkeypatch.setenv("MAILGUARD_ROUTES__SECURE__ADDRESS", "10.0.0.9:25")
    settings = load_text(tmp_path).settings
    assert settings.next_hop.address == Address("relay.council.example", 25)
    assert settings.routes["secure"].address == Address("10.0.0.9", 25)


def test_the_environment_gives_no_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILGUARD_NEXT_HOP__ADRESS", "relay:25")
    with pytest.raises(ConfigError) as caught:
        load_text(tmp_path)
    assert caught.value.faults == [
        'environment MAILGUARD_NEXT_HOP__ADRESS: sets nothing; did you mean "MAILGUARD_NEXT_HOP__ADDRESS"?'
    ]


def test_a_wrong_value_of_the_environment_is_not_looked_for_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILGUARD_STORE__URL", "mysql://x")
    with pytest.raises(ConfigError) as caught:
        load_text(tmp_path)
    (fault,) = caught.value.faults
    assert fault.startswith("environment MAILGUARD_STORE__URL: store.url: write ")


def test_a_list_in_the_councils_folder_replaces_ours(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "freemail.txt").write_text("# ours\n\npost.example\n")
    words = load_text(tmp_path, tables='[words]\nfolder = "lists"').words
    assert words["freemail"] == ("post.example",)
    assert "parties" in load_text(tmp_path).data


def test_a_member_outside_the_councils_domains_is_doubted_without_his_address(tmp_path: Path) -> None:
    rows = "address\nann@council.example\nbob@ward.council.example\ncat@coucil.example\ndan@coucil.example\n"
    (tmp_path / "members.csv").write_text(rows)
    (warning,) = [item for item in load_text(tmp_path).warnings if "members.csv" in item]
    assert "members.csv: coucil.example is none of [council] domains" in warning


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_who_may_not_read_is_not_sent_to_look_for_another_path(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    (tmp_path / "mailguard.toml").touch()
    try:
        os.seteuid(65534)
        with pytest.raises(ConfigError) as caught:
            load_config(tmp_path / "mailguard.toml")
    finally:
        os.seteuid(0)
    (fault,) = caught.value.faults
    assert fault.endswith("cannot be read: Permission denied; run it as a user who may")


def test_without_members_the_operator_is_warned(tmp_path: Path) -> None:
    assert any("so no mail is judged" in warning for warning in load_text(tmp_path).warnings)
    domain = load_text(tmp_path, tables='[members]\nscope = "domain"')
    assert not any("so no mail is judged" in warning for warning in domain.warnings)


def test_an_absent_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mailguard\.toml: cannot be read: No such file"):
        load_config(tmp_path / "mailguard.toml")


def test_the_demonstration_loads() -> None:
    assert load_config(None).members

"""The members' notices: neutral, marked as automatic, without the original subject."""

import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest

from mailguard.config.resources import config_root
from mailguard.mail.errors import ConfigError
from mailguard.notices.compose import KINDS, Ground, Notice, Templates, message_of

GROUND = Ground(
    "VOL-1", "A personal mail went to many.", "Protocol, Appendix A", "Send it separately.", "the MO", ("body: six",)
)
NOTICE = Notice("held", "2026-000017", (GROUND,), datetime(2026, 5, 1, 12, tzinfo=UTC), "https://mg.example/cases/1")


@pytest.mark.parametrize("kind", KINDS)
def test_each_shipped_template_fills(kind: str) -> None:
    templates = Templates([config_root() / "notices"])
    subject, body = templates.text(Notice(kind, NOTICE.case, NOTICE.grounds, NOTICE.at))
    assert "2026-000017" in subject
    assert "$" not in subject + body


def test_the_notice_says_what_which_clause_what_to_do_and_who_decides() -> None:
    subject, body = Templates([config_root() / "notices"]).text(NOTICE)
    for part in ("A personal mail went to many.", "VOL-1", "Protocol, Appendix A", "Send it separately.", "the MO"):
        assert part in body
    assert "body: six" in body
    assert "https://mg.example/cases/1" in body
    assert subject.startswith("Your mail")


def test_what_two_clauses_say_alike_is_said_once_with_both() -> None:
    other = replace(GROUND, id="VOL-2", cites="Guidance s4")
    third = replace(GROUND, id="PER-1", say="It bears no signature.")
    _, body = Templates([config_root() / "notices"]).text(replace(NOTICE, grounds=(GROUND, third, other)))
    assert "- A personal mail went to many. (VOL-1: Protocol, Appendix A; VOL-2: Guidance s4)" in body
    assert body.count("A personal mail") == 1
    assert "- It bears no signature. (PER-1: Protocol, Appendix A)" in body


def test_the_time_is_that_of_the_clocks_in_britain() -> None:
    assert "01 May 2026, 13:00 BST" in Templates([config_root() / "notices"]).text(NOTICE)[1]


def test_no_reason_leaves_no_gap() -> None:
    templates = Templates([config_root() / "notices"])
    assert "\n\n\n" not in templates.text(replace(NOTICE, kind="refused"))[1]
    assert "\n\nThe reason given:\nLate.\n\n" in templates.text(replace(NOTICE, kind="refused", reason="Late."))[1]


def test_it_is_marked_as_automatic() -> None:
    made = message_of("Held", "Text é\n", sender="postmaster@council.example", to="m@council.example", at=NOTICE.at)
    parsed = message_from_bytes(made.read())
    assert parsed["Auto-Submitted"] == "auto-replied"
    assert parsed["To"] == "m@council.example"
    assert made.read().replace(b"\r\n", b"").count(b"\n") == 0


def test_an_own_template_wins_and_an_unknown_field_is_told(tmp_path: Path) -> None:
    own = tmp_path / "held.txt"
    own.write_text("Subject: Ours $case\n\nText\n")
    assert Templates([config_root() / "notices", tmp_path]).text(NOTICE)[0] == "Ours 2026-000017"
    for text, said in (
        ("Subject: caf\xe9\n\nText\n".encode("latin-1"), "held.txt:1: is not UTF-8 text; save the file as UTF-8"),
        (b"Ours $case\n", "held.txt:1: begins otherwise; write a line `Subject: ...`, an empty line, and the text"),
    ):
        own.write_bytes(text)
        with pytest.raises(ConfigError, match=said):
            Templates([config_root() / "notices", tmp_path])
    own.write_text("Subject: Ours $subject\n\nText\n")
    with pytest.raises(ConfigError, match=r"held.txt:1: unknown field subject"):
        Templates([config_root() / "notices", tmp_path])


def test_a_template_that_cannot_be_read_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "held.txt").write_bytes("Subject: Zurückgehalten\n\nText\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"held.txt:1: is not UTF-8 text"):
        Templates([config_root() / "notices", tmp_path])


def test_what_a_member_reads_calls_a_mail_a_mail() -> None:
    """Notices quote what the presets say: one word for one thing."""
    texts = [path.read_text() for path in (config_root() / "notices").glob("*.txt")]
    presets = [tomllib.loads(path.read_text()) for path in (config_root() / "presets").glob("*.toml")]
    clauses = [clause for preset in presets for clause in preset.get("clause", ())]
    texts += [clause.get(key, "") for clause in clauses for key in ("say", "advice")]
    assert len(texts) > 80
    assert not [text for text in texts if re.search(r"(?i)\be-?mails?\b(?! address)|\bmessages?\b", text)]

"""`explain` by its contract: keys, envelope, date and exit status."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from mailguard.cli import app
from mailguard.config import demo_config

BAG = demo_config().parent / "mailbag"
KEYS = ["file", "action", "clauses", "findings", "facts", "unreadable", "policy"]
FINDING = ["rule", "where", "count", "confidence", "why"]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["explain", *map(str, arguments)])


def data(*arguments: str | Path) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def write(folder: Path, text: str) -> Path:
    file = folder / "mail.eml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_object_has_exactly_the_keys_of_the_contract() -> None:
    file = BAG / "personal-six.eml"
    found = data(file, "--at", "2026-02-03")
    assert list(found) == KEYS
    assert found["file"] == str(file)
    assert found["action"] == "warn"
    (clause,) = [item for item in found["clauses"] if item["id"] == "VOL-1"]
    assert list(clause) == ["id", "do", "mode", "cites", "exempted", "evidence", "defences"]
    assert (clause["do"], clause["mode"], clause["exempted"]) == ("warn", "enforce", False)
    assert all(list(item) == FINDING for item in found["findings"] + clause["evidence"])
    assert found["facts"]["recipients"] == {"total": 6, "external": 6, "visible_external": 6}
    assert list(found["facts"]) == ["purpose", "recipients", "attachment_bytes", "period", "sender"]
    assert found["facts"]["sender"] == "member"
    assert found["facts"]["period"] is None
    assert found["policy"] == {"name": "lancashire", "version": "2022-11"}


def test_one_line_a_file_in_their_order() -> None:
    files = [BAG / "minutes.eml", BAG / "casework-reply.eml"]
    lines = run(*files, "--json").stdout.splitlines()
    assert [json.loads(line)["file"] for line in lines] == [str(file) for file in files]


def test_the_date_sets_the_period() -> None:
    assert data(BAG / "casework-reply.eml", "--at", "2026-04-20")["facts"]["period"] == "Council elections 2026"
    assert data(BAG / "casework-reply.eml", "--at", "2026-05-08")["facts"]["period"] is None


def test_the_envelope_may_be_given(tmp_path: Path) -> None:
    file = write(tmp_path, "From: x@elsewhere.example\nTo: y@elsewhere.example\nSubject: Hello\n\nHello.\n")
    assert data(file)["facts"]["sender"] == "other"
    arguments = ["--sender", "pa.okoro@council.example", "--recipient", "a@b.example", "--recipient", "c@b.example"]
    facts = data(file, *arguments)["facts"]
    assert facts["sender"] == "delegate"
    assert facts["recipients"]["total"] == 3


def test_unreadable_parts_are_named() -> None:
    (part,) = data(BAG / "password-archive.eml")["unreadable"]
    assert list(part) == ["where", "why"]
    assert part["where"].startswith("papers.zip")


def test_the_envelope_reads_blind_copies_and_return_path(tmp_path: Path) -> None:
    text = "Return-Path: <tom.askew@council.example>\nFrom: t@x.example\nTo: a@b.example\nBcc: c@b.example\n\nHello.\n"
    facts = data(write(tmp_path, text))["facts"]
    assert (facts["sender"], facts["recipients"]["total"]) == ("member", 2)


def test_status_1_only_where_something_cannot_be_read(tmp_path: Path) -> None:
    result = run(BAG / "minutes.eml", tmp_path / "absent.eml", BAG / "casework-reply.eml", "--json")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    assert "absent.eml: cannot be read" in result.stderr
    assert run(BAG / "minutes.eml", "--config", tmp_path / "absent.toml").exit_code == 1


def test_the_page_shows_for_and_against() -> None:
    page = run(BAG / "casework-health.eml").stdout
    assert "ENCRYPT" in page
    assert "SEC-1" in page
    assert "against: nhs number" in page
    assert "943 476 5919" not in page
    assert "Facts" in page


def test_content_stays_out_of_the_json() -> None:
    text = json.dumps(data(BAG / "casework-health.eml"))
    assert "5919" not in text
    assert "Birch" not in text
    assert "quaysurgery" not in text


@pytest.mark.parametrize("bad", ["2026-02-30", "yesterday"])
def test_a_date_that_is_none_is_a_wrong_command_line(bad: str) -> None:
    assert run(BAG / "minutes.eml", "--at", bad).exit_code == 2


@pytest.mark.parametrize(
    "name", ["campaign-leaflet", "residents-spreadsheet", "personal-six", "minutes", "hidden-sheet"]
)
def test_the_page_fits_eighty_columns_and_counts_what_occurs(name: str) -> None:
    lines = run(BAG / f"{name}.eml", "--at", "2026-02-03").stdout.splitlines()[1:]
    assert max(map(len, lines)) <= 80
    said = " ".join(" ".join(lines).split())
    assert not any(word in said for word in ("_", " 0 times", " 1 recipients"))
    assert not re.search(r"(?:party political|purpose) in [^,]+, \d+ times", said)
    assert " confidence: " in said


def test_the_page_keeps_short_masks_and_leaves_out_long_ones() -> None:
    page = run(BAG / "campaign-leaflet.eml").stdout
    masks = [part.partition("]")[0] for part in page.split("[")[1:]]
    assert all(len(" ".join(mask.split())) <= 24 for mask in masks)

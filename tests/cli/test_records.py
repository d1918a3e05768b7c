"""members, periods, cases, grants and retention, on a real store in a folder."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from mailguard.cli import app
from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.message import Message
from mailguard.store.cases import HELD, NewCase
from mailguard.store.store import Leg, Store

CONFIG = """
preset = "lancashire"
[council]
domains = ["council.example"]
[listen]
address = "127.0.0.1:2525"
[next_hop]
address = "127.0.0.1:2526"
[[poll]]
name = "County council elections"
date = 2026-05-07
wards = ["Harbour"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "mailguard.toml").write_text(CONFIG)
    (tmp_path / "members.csv").write_text(
        "address,name,ward,aliases\nann@council.example,Ann,Harbour,a@council.example\n"
    )
    return tmp_path / "mailguard.toml"


@pytest.fixture
def held(config: Path) -> str:
    """The number of a mail that is held."""

    async def hold() -> str:
        folder = config.parent
        store = await Store.open(f"sqlite:///{folder}/var/mailguard.db", folder / "var/held", folder / "mailguard.key")
        new = NewCase(
            action="hold",
            state=HELD,
            clauses=[
                {"id": "VOL-3", "do": "hold", "say": "A mailing.", "cites": "s6c(i)", "advice": "", "decides": "MO"}
            ],
            evidence=[{"rule": "recipients", "where": "envelope", "why": "26 addresses.", "masked": ""}],
            sender="ann@council.example",
            recipients=["x@y.example"],
            message_id="<1@council.example>",
            policy="lancashire",
            version="2022-11",
        )
        envelope = Envelope("ann@council.example", (Recipient("x@y.example"),))
        case = await store.hold(new, Message.of(b"Subject: x\r\n\r\ny\r\n"), plan=[Leg("next_hop", envelope)])
        await store.close()
        return case.number

    return asyncio.run(hold())


def run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--config", str(config)])


def lines(config: Path, *arguments: str) -> list[dict[str, Any]]:
    result = run(config, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_cases_list_has_the_keys_of_the_contract(config: Path, held: str) -> None:
    (case,) = lines(config, "cases", "list")
    assert list(case) == [
        "number", "state", "action", "clauses", "sender", "recipients", "message_id", "created", "changed",
    ]  # fmt: skip
    assert (case["number"], case["state"], case["clauses"]) == (held, "held", ["VOL-3"])


def test_a_release_is_made_once(config: Path, held: str) -> None:
    assert run(config, "cases", "release", held, "--by", "MO", "--reason", "approved").exit_code == 0
    assert lines(config, "cases", "list")[0]["state"] == "released"
    again = run(config, "cases", "release", held)
    assert again.exit_code == 1
    assert held in again.stderr
    history = lines(config, "cases", "show", held)[0]["history"]
    assert [(step["state"], step["by"], step["reason"]) for step in history][1:] == [("released", "MO", "approved")]


def test_a_refusal_is_final(config: Path, held: str) -> None:
    assert run(config, "cases", "refuse", held).exit_code == 0
    assert lines(config, "cases", "list")[0]["state"] == "refused"
    assert run(config, "cases", "release", held).exit_code == 1


def test_show_is_a_page(config: Path, held: str) -> None:
    page = run(config, "cases", "show", held).stdout
    assert "VOL-3: A mailing. (s6c(i))" in page
    assert "recipients in envelope: 26 addresses." in page
    assert run(config, "cases", "show", "2026-999999").exit_code == 1


def grant(config: Path, *more: str, clause: str = "VOL-3", member: str = "A@council.example") -> Result:
    dates = ("--from", "2026-03-01", "--until", "2026-03-31")
    return run(config, "grants", "add", member, "--clause", clause, "--purpose", "Consultation", *dates, *more)


def test_grants_are_added_listed_and_ended(config: Path, held: str) -> None:
    assert grant(config, "--largest", "200", "--by", "MO").exit_code == 0
    (one,) = lines(config, "grants", "list")
    assert (one["member"], one["clause"], one["largest"], one["approver"]) == (
        "ann@council.example",
        "VOL-3",
        200,
        "MO",
    )
    assert (one["begins"], one["ends"]) == ("2026-03-01T00:00:00Z", "2026-03-31T23:00:00Z")
    assert run(config, "grants", "end", str(one["id"])).exit_code == 0
    assert lines(config, "grants", "list")[0]["ended"]
    assert run(config, "grants", "end", str(one["id"])).exit_code == 1


def test_a_grant_needs_a_member_and_a_clause_that_takes_one(config: Path, held: str) -> None:
    assert "no member" in grant(config, member="x@council.example").stderr
    assert "takes no grant" in grant(config, clause="POL-1").stderr
    assert "there is no clause" in grant(config, clause="VOL-33").stderr


def test_retention_lists_and_runs(config: Path, held: str) -> None:
    assert "journal    90 days" in run(config, "retention").stdout
    assert run(config, "retention", "run").exit_code == 0
    assert lines(config, "retention", "list") == []


def test_members(config: Path) -> None:
    assert [item["ward"] for item in lines(config, "members", "list")] == ["Harbour"]
    assert "ann@council.example" in run(config, "members").stdout


def test_periods(config: Path) -> None:
    (period,) = lines(config, "periods", "--at", "2026-04-20")
    assert (period["in_force"], period["notice"], period["wards"]) == (True, "computed", ["Harbour"])
    assert period["starts"] == "2026-03-29T23:00:00Z"
    assert lines(config, "periods", "--at", "2026-05-08")[0]["in_force"] is False
    assert "POL-3" in run(config, "periods").stdout


def test_a_store_that_was_never_made_is_an_error(config: Path) -> None:
    result = run(config, "cases", "list")
    assert result.exit_code == 1
    assert "mailguard.key" in result.stderr

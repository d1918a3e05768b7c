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
            evidence=2 * [{"rule": "recipients", "where": "envelope", "why": "26 addresses.", "masked": ""}],
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


def test_the_sender_of_a_refused_mail_is_told_the_reason(config: Path, held: str) -> None:
    assert run(config, "cases", "refuse", held, "--reason", "It goes with the minutes.").exit_code == 0

    async def notice() -> str:
        folder = config.parent
        store = await Store.open(f"sqlite:///{folder}/var/mailguard.db", folder / "var/held", folder / "mailguard.key")
        try:
            (leased,) = await store.deliveries.lease("test", 1, 60)
            assert leased.body
            message = await store.bodies.open(leased.body)
            return message.read().decode()
        finally:
            await store.close()

    assert "The reason given:\r\nIt goes with the minutes.\r\n\r\nWhat you can do" in asyncio.run(notice())


def test_a_list_shows_what_waits_alone(config: Path, held: str) -> None:
    assert [case["number"] for case in lines(config, "cases", "list", "--state", "held")] == [held]
    assert lines(config, "cases", "list", "--state", "refused") == []
    wrong = run(config, "cases", "list", "--state", "open")
    assert wrong.exit_code == 1
    assert '"open" is no state of a case; write one of blocked, ' in wrong.stderr


def test_a_frozen_case_outlives_retention_until_it_is_thawed(config: Path, held: str) -> None:
    config.write_text(f'{CONFIG}[retention]\nheld = "1ms"\n')
    frozen = run(config, "cases", "freeze", held, "--by", "MO", "--reason", "a complaint")
    assert frozen.stdout == f"{held}: held, frozen\n"
    assert run(config, "retention", "run").stdout == ""
    assert f"Case {held}: held (hold), frozen\n" in run(config, "cases", "show", held).stdout
    assert lines(config, "cases", "show", held)[0]["frozen"] is True
    assert run(config, "cases", "thaw", held).stdout == f"{held}: held, not frozen\n"
    assert run(config, "retention", "run").stdout == f"case {held}: expired, nobody decided in time\n"


def test_show_is_a_page(config: Path, held: str) -> None:
    page = run(config, "cases", "show", held).stdout
    assert "VOL-3: A mailing. (s6c(i))" in page
    assert page.count("recipients in envelope: 26 addresses.") == 1
    assert "decides: MO" in page
    assert max(map(len, page.splitlines())) <= 80
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


def test_a_grant_says_what_for(config: Path, held: str) -> None:
    dates = ("--from", "2026-03-01", "--until", "2026-03-31")
    empty = run(config, "grants", "add", "ann@council.example", "--clause", "VOL-3", "--purpose", " ", *dates)
    assert (empty.exit_code, empty.stderr) == (1, "a grant must say what the mailing is for (--purpose)\n")


def test_retention_lists_and_runs(config: Path, held: str) -> None:
    kept = run(config, "retention").stdout
    assert "journal    90 days" in kept
    assert "counters   2 hours (SQLite keeps no more)" in kept
    assert run(config, "retention", "run").exit_code == 0
    assert lines(config, "retention", "list") == []


def test_the_sender_of_what_expires_is_told(config: Path, held: str) -> None:
    config.write_text(CONFIG.replace("[[poll]]", '[retention]\nheld = "1ms"\n[[poll]]'))
    assert run(config, "retention", "run").stdout == f"case {held}: expired, nobody decided in time\n"

    async def waiting() -> dict[str, int]:
        folder = config.parent
        store = await Store.open(f"sqlite:///{folder}/var/mailguard.db", folder / "var/held", folder / "mailguard.key")
        found = await store.deliveries.counts()
        await store.close()
        return found

    assert asyncio.run(waiting()) == {"notice": 1}


def test_members(config: Path) -> None:
    assert [item["ward"] for item in lines(config, "members", "list")] == ["Harbour"]
    assert "ann@council.example" in run(config, "members").stdout


def test_periods(config: Path) -> None:
    (period,) = lines(config, "periods", "--at", "2026-04-20")
    assert (period["in_force"], period["notice"], period["wards"]) == (True, "computed", ["Harbour"])
    assert period["starts"] == "2026-03-29T23:00:00Z"
    assert lines(config, "periods", "--at", "2026-05-08")[0]["in_force"] is False
    assert "  nothing: every clause does in a period what it always does" in run(config, "periods").stdout
    text = config.read_text()
    config.write_text(
        f'{text}[clauses.POL-3]\ndo = "warn"\nunless = ["casework"]\nin_period = {{ do = "hold", unless = [] }}\n'
    )
    _, changed = run(config, "periods").stdout.split("What a period changes\n")
    assert changed == "  POL-3: warn becomes hold; no longer saved by casework (concerned wards)\n"


def test_a_store_that_was_never_made_is_an_error(config: Path) -> None:
    result = run(config, "cases", "list")
    assert result.exit_code == 1
    assert "mailguard.key" in result.stderr

"""The demonstration on a small bag: the real gateway, the real hop, and a table that tells the truth."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from mailguard.config.resources import demo_config
from mailguard.config.values import Address
from mailguard.daemon.demo.gateway import Gateway
from mailguard.daemon.demo.mailbag import read_bag
from mailguard.daemon.demo.show import Show, free_port, unused_port

BAG = demo_config().parent / "mailbag"
CHOSEN = ("casework-reply", "casework-health", "personal-six", "residents-in-copy")


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    folder = tmp_path / "bag"
    folder.mkdir()
    for name in CHOSEN:
        for end in ("eml", "expected.toml"):
            (folder / f"{name}.{end}").write_bytes((BAG / f"{name}.{end}").read_bytes())
    return folder


async def test_a_showing_ends_with_a_right_table(bag: Path, tmp_path: Path) -> None:
    out = io.StringIO()
    show = Show(tmp_path / "demo", Console(file=out, width=400), bag)
    assert await show.run(once=True) == 0, out.getvalue()
    rows = {line.split("│")[1].strip(): line for line in out.getvalue().splitlines() if line.startswith("│")}
    assert set(rows) == set(CHOSEN)
    assert "delivered" in rows["casework-reply"]
    assert "secure" in rows["casework-health"]
    assert "550 5.7.1" in rows["personal-six"]
    assert "[confirm " in rows["personal-six"], "the token is shown"
    assert "held, case " in rows["residents-in-copy"]
    assert "4 as expected, 0 not" in out.getvalue()
    (mail,) = show.boxes["secure"].find(read_bag(bag, "lancashire")[0].identity)
    assert mail["Subject"].startswith("[secure]")


async def test_a_wrong_verdict_is_said_and_counts(bag: Path, tmp_path: Path) -> None:
    for name in CHOSEN[1:]:
        (bag / f"{name}.eml").unlink()
    (bag / "casework-reply.expected.toml").write_text('action = "block"\n')
    out = io.StringIO()
    assert await Show(tmp_path / "demo", Console(file=out, width=200), bag).run(once=True) == 1
    assert "pass (expected block)" in out.getvalue()


async def test_a_gateway_that_does_not_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("preset = 1\n")
    with pytest.raises(RuntimeError, match=r"bad\.toml:1: preset"):
        await Gateway.start(tmp_path / "bad.toml", {}, tmp_path / "log")


def test_an_expectation_for_another_day_is_none(tmp_path: Path) -> None:
    text = b"From: a@council.example\nTo: b@council.example, b@council.example\nSubject: x\n\nx\n"
    (tmp_path / "one.eml").write_bytes(text)
    (tmp_path / "one.expected.toml").write_text('action = "hold"\nat = 2026-04-13\n')
    (tmp_path / "two.eml").write_bytes(text)
    (tmp_path / "two.expected.toml").write_text(
        'action = "hold"\n[walsall]\naction = "pass"\n[southampton]\nclauses = []\n'
    )
    one, two = read_bag(tmp_path, "walsall")
    assert (one.expected, two.expected) == ("", "pass")
    assert read_bag(tmp_path, "southampton")[1].expected == "hold"
    assert one.recipients == ("b@council.example",)
    assert b"\n" not in one.data.replace(b"\r\n", b"")


def test_a_busy_port_is_left_alone() -> None:
    port = unused_port()
    assert free_port(Address("127.0.0.1", port)) == port

"""backtest --against: two configurations of a council on a small mbox of its members' mail."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from mailguard.cli import app

CONFIG = """preset = "lancashire"
[council]
domains = ["council.example"]
[listen]
address = "127.0.0.1:2525"
[next_hop]
address = "127.0.0.1:2526"
"""
CAMPAIGN = (
    "Vote Labour on Thursday! The Tories have failed this town. Join us to canvass on Saturday and donate today so "
    "that our candidate can win."
)


def mail(sender, text):
    head = f"From x Mon Jan 05 10:00:00 2026\nFrom: {sender}\nTo: a@home.example\nSubject: s\n"
    return f"{head}\n{text}\n\n"


def test_what_another_configuration_would_gain_and_lose(tmp_path):
    strict, mild = tmp_path / "strict", tmp_path / "mild"
    for folder, more in ((strict, ""), (mild, "[rules.party_political]\nmedium = 90.0\nhigh = 99.0\n")):
        folder.mkdir()
        (folder / "mailguard.toml").write_text(CONFIG + more)
        (folder / "members.csv").write_text("address,name\nann@council.example,Ann\n")
    box = tmp_path / "sent"
    box.write_text(
        mail("ann@council.example", CAMPAIGN)
        + mail("ann@council.example", "The bins will be emptied on Tuesday.")
        + mail("stranger@elsewhere.example", CAMPAIGN)
    )
    arguments = ["backtest", str(box), "--config", str(mild / "mailguard.toml"), "--json"]
    done = CliRunner().invoke(app, [*arguments, "--against", str(strict / "mailguard.toml")])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["messages"] == 3
    assert [place.rpartition("#")[2] for place in told["gained"]["POL-1"]] == ["1"]
    assert not told["lost"].get("POL-1")
    assert "Tories" not in done.stdout

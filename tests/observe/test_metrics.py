"""The figures: names, units, no personal label, and a price a mail can pay."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from mailguard.observe.gather import exposition, snapshot
from mailguard.observe.metrics import Metrics, reply_class

ALLOWED_LABELS = {"action", "clause", "mode", "route", "class", "reason", "rule", "result", "stage", "kind", "where"}
ALLOWED_LABELS |= {"verb", "side", "version", "policy", "part", "le"}


def exercised() -> Metrics:
    metrics = Metrics()
    metrics.message("hold")
    metrics.received(2048)
    metrics.clause("VOL-1", "enforce")
    metrics.stage("examine", 0.0003)
    metrics.hop_reply("next_hop", "message", 250)
    metrics.handshake("hop", False)
    metrics.delivered_bytes.inc(2048)
    metrics.hop_reply("secure", "message", 0)
    metrics.unreadable("locked")
    metrics.rule_failed("nhs_number")
    metrics.refused("smuggling")
    metrics.reloaded(True)
    metrics.config("14", "lancashire")
    metrics.waiting("leg", 3)
    metrics.certificate("listen", 1_800_000_000)
    metrics.part_up("store", True)
    metrics.sessions.inc()
    metrics.sessions_total.inc()
    return metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_events_are_counted_under_the_documented_names() -> None:
    metrics = exercised()
    assert value(metrics, "mailguard_messages_total", action="hold") == 1
    assert value(metrics, "mailguard_messages_total", action="pass") == 0
    assert value(metrics, "mailguard_clause_hits_total", clause="VOL-1", mode="enforce") == 1
    assert value(metrics, "mailguard_stage_seconds_sum", stage="examine") == pytest.approx(0.0003)
    assert value(metrics, "mailguard_hop_replies_total", route="next_hop", verb="message", **{"class": "2xx"}) == 1
    assert value(metrics, "mailguard_hop_replies_total", route="secure", verb="message", **{"class": "none"}) == 1
    assert value(metrics, "mailguard_message_bytes_sum") == 2048
    assert value(metrics, "mailguard_received_bytes_total") == 2048
    assert value(metrics, "mailguard_sessions_open") == 1
    assert value(metrics, "mailguard_sessions_total") == 1
    assert value(metrics, "mailguard_deliveries_waiting", kind="leg") == 3


def test_only_the_configuration_in_force_is_shown() -> None:
    metrics = exercised()
    metrics.config("15", "lancashire")
    assert value(metrics, "mailguard_config_info", version="14", policy="lancashire") is None
    assert value(metrics, "mailguard_config_info", version="15", policy="lancashire") == 1
    metrics.config("14", "lancashire")
    assert value(metrics, "mailguard_config_info", version="14", policy="lancashire") == 1


def test_labels_are_of_the_closed_list() -> None:
    used = {label for metric in exercised().registry.collect() for s in metric.samples for label in s.labels}
    assert used <= ALLOWED_LABELS


def test_two_processes_share_nothing() -> None:
    first, second = Metrics(), Metrics()
    first.message("pass")
    assert value(second, "mailguard_messages_total", action="pass") == 0


@pytest.mark.parametrize(
    ("code", "name"), [(250, "2xx"), (354, "3xx"), (451, "4xx"), (550, "5xx"), (0, "none"), (999, "none")]
)
def test_reply_class(code: int, name: str) -> None:
    assert reply_class(code) == name


def test_promtool_finds_no_fault() -> None:
    if not shutil.which("promtool"):
        pytest.skip("promtool (Debian's prometheus) is not installed")
    text = exposition(snapshot(exercised().registry))
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

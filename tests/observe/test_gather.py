"""Figures of several processes: sums that never fall, gauges joined by their meaning."""

from __future__ import annotations

import json
from typing import Any

from mailguard.observe.gather import Snapshot, counters, exposition, merge, snapshot
from mailguard.observe.metrics import Metrics


def samples(figures: Snapshot) -> dict[Any, float]:
    return {(name, tuple(sorted(labels.items()))): value for *_, all_ in figures for name, labels, value in all_}


def one(messages: int, sessions: int, expiry: float, held: int) -> Snapshot:
    metrics = Metrics()
    for _ in range(messages):
        metrics.message("pass")
        metrics.stage("total", 0.01)
    metrics.sessions.set(sessions)
    metrics.certificate("listen", expiry)
    metrics.held_messages.set(held)
    return snapshot(metrics.registry)


def test_counters_and_histograms_add() -> None:
    whole = samples(merge([one(2, 0, 9, 0), one(3, 0, 9, 0)]))
    assert whole["mailguard_messages_total", (("action", "pass"),)] == 5
    assert whole["mailguard_stage_seconds_count", (("stage", "total"),)] == 5
    assert whole["mailguard_stage_seconds_bucket", (("le", "+Inf"), ("stage", "total"))] == 5


def test_gauges_join_by_meaning() -> None:
    whole = samples(merge([one(0, 2, 100, 7), one(0, 3, 50, 7)]))
    assert whole["mailguard_sessions_open", ()] == 5
    assert whole["mailguard_certificate_expiry_timestamp_seconds", (("where", "listen"),)] == 50
    assert whole["mailguard_held_messages", ()] == 7


def test_what_an_ended_worker_counted_stays() -> None:
    ended = counters(one(4, 9, 100, 7))
    whole = samples(merge([ended, one(1, 1, 100, 7)]))
    assert whole["mailguard_messages_total", (("action", "pass"),)] == 5
    assert whole["mailguard_sessions_open", ()] == 1


def test_merging_changes_no_snapshot() -> None:
    first, second = one(2, 0, 9, 0), one(3, 0, 9, 0)
    before = json.dumps([first, second])
    merge([first, second])
    assert json.dumps([first, second]) == before


def test_a_snapshot_crosses_as_json_and_is_exposed_without_creation_times() -> None:
    figures = one(2, 1, 100, 0)
    crossed = json.loads(json.dumps(figures))
    text = exposition(crossed).decode()
    assert 'mailguard_messages_total{action="pass"} 2.0' in text
    assert "_created" not in text
    assert text == exposition(figures).decode()

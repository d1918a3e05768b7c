"""Figures of several processes as one. Law: a counter never falls, also when the process that counted is gone.

A worker gives a snapshot (plain lists, so that it crosses the control channel as JSON); the supervisor adds
counters and histograms, and joins each gauge as GAUGES says. What an ended worker had counted is kept: a sum that
fell would be read as a restart by Prometheus and counted again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

Snapshot = list[list[Any]]
"""`[name, documentation, type, [[sample name, labels, value], ...]]` for each metric."""

GAUGES: dict[str, Callable[[float, float], float]] = {
    "mailguard_sessions_open": lambda one, two: one + two,
    "mailguard_certificate_expiry_timestamp_seconds": min,
}
"""How a gauge of several processes becomes one; `max` where it is not named."""


def snapshot(registry: CollectorRegistry) -> Snapshot:
    """The registry's figures as JSON-able lists, without `_created`."""
    return [
        [
            metric.name,
            metric.documentation,
            metric.type,
            [[s.name, s.labels, s.value] for s in metric.samples if not s.name.endswith("_created")],
        ]
        for metric in registry.collect()
    ]


def counters(figures: Snapshot) -> Snapshot:
    """What of a snapshot outlives its process: all but gauges."""
    return [metric for metric in figures if metric[2] != "gauge"]


def merge(snapshots: Iterable[Snapshot]) -> Snapshot:
    """One snapshot of many. Metrics keep the order of their first appearance."""
    whole: dict[str, tuple[str, str, dict[Any, list[Any]]]] = {}
    for figures in snapshots:
        for name, doc, kind, samples in figures:
            _, _, held = whole.setdefault(name, (doc, kind, {}))
            for sample, labels, value in samples:
                key = (sample, tuple(sorted(labels.items())))
                if key not in held:
                    held[key] = [sample, labels, value]
                else:
                    held[key][2] = _join(name, kind, held[key][2], value)
    return [[name, doc, kind, list(samples.values())] for name, (doc, kind, samples) in whole.items()]


def _join(name: str, kind: str, one: float, two: float) -> float:
    return GAUGES.get(name, max)(one, two) if kind == "gauge" else one + two


class Gathered(Collector):
    """A collector over a snapshot, for `prometheus_client`'s own exposition."""

    def __init__(self, figures: Snapshot) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Each metric once."""
        for name, doc, kind, samples in self._figures:
            metric = Metric(name, doc, kind)
            for sample, labels, value in samples:
                metric.add_sample(sample, labels, value)
            yield metric


def exposition(figures: Snapshot) -> bytes:
    """The text format that Prometheus reads (version 0.0.4)."""
    registry = CollectorRegistry()
    registry.register(Gathered(figures))
    return generate_latest(registry)

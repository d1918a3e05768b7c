"""Tallies give the samples that the library's own classes give."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import Metric

from mailguard.observe.tally import Count, Spread

BOUNDS = (0.001, 0.5, 1, 10)


def samples(metrics: Iterable[Metric]) -> list[tuple[str, dict[str, str], float]]:
    found = [sample for metric in metrics for sample in metric.samples if not sample.name.endswith("_created")]
    return [(sample.name, sample.labels, sample.value) for sample in found]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([0.0, 0.001, 0.2, 1, 1.5, 10, 11]))))
def test_a_spread_is_a_histogram(events: list[tuple[str, float]]) -> None:
    ours = Spread(CollectorRegistry(), "n_seconds", "doc", BOUNDS, "stage")
    theirs = Histogram("n_seconds", "doc", ["stage"], buckets=BOUNDS, registry=None)
    for stage, value in events:
        ours.observe((stage,), value)
        theirs.labels(stage).observe(value)
    assert samples(ours.collect()) == samples(theirs.collect())


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9))))
def test_a_count_is_a_counter(events: list[tuple[str, int]]) -> None:
    ours, theirs = Count(CollectorRegistry(), "n", "doc", "kind"), Counter("n", "doc", ["kind"], registry=None)
    for kind, amount in events:
        ours.add((kind,), amount)
        theirs.labels(kind).inc(amount)
    assert samples(ours.collect()) == samples(theirs.collect())


def test_what_has_no_labels_is_shown_from_the_start() -> None:
    registry = CollectorRegistry()
    count = Count(registry, "n", "doc")
    Spread(registry, "sizes", "doc", BOUNDS)
    assert registry.get_sample_value("n_total") == 0
    assert registry.get_sample_value("sizes_count") == 0
    count.inc(3)
    assert registry.get_sample_value("n_total") == 3

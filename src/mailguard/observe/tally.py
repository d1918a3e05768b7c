"""Figures that are counted on every mail. Law: an event is an addition; names and samples are made when asked for.

The metric classes of `prometheus_client` take a lock and walk the buckets at each event, some twenty times a mail.
These belong to the one thread of their event loop, and give the same samples at a scrape.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

Labels = tuple[str, ...]


class Count(Collector):
    """A counter by its labels' values, in the order the labels were named."""

    def __init__(self, registry: CollectorRegistry, name: str, doc: str, *labels: str) -> None:
        self._name, self._doc, self._labels = name, doc, labels
        self._values: dict[Labels, float] = {} if labels else {(): 0}
        registry.register(self)

    def add(self, labels: Labels = (), amount: float = 1) -> None:
        """Count `amount` more; 0 makes the series known."""
        self._values[labels] = self._values.get(labels, 0) + amount

    def inc(self, amount: float = 1) -> None:
        """Count on a counter without labels."""
        self._values[()] += amount

    def collect(self) -> Iterator[CounterMetricFamily]:
        """The samples now."""
        family = CounterMetricFamily(self._name, self._doc, labels=self._labels)
        for labels, value in self._values.items():
            family.add_metric(labels, value)
        yield family


class Spread(Collector):
    """A histogram by its labels' values: how many at or below each bound, and their sum."""

    def __init__(self, registry: CollectorRegistry, name: str, doc: str, bounds: Iterable[float], *labels: str) -> None:
        self._name, self._doc, self._labels = name, doc, labels
        self._bounds = tuple(bounds)
        self._marks = [*map(floatToGoString, self._bounds), "+Inf"]
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}
        if not labels:
            self.know(())
        registry.register(self)

    def know(self, labels: Labels) -> list[int]:
        """Make the series known before its first event."""
        self._sums[labels] = 0.0
        self._counts[labels] = [0] * len(self._marks)
        return self._counts[labels]

    def observe(self, labels: Labels, value: float) -> None:
        """One event."""
        counts = self._counts.get(labels) or self.know(labels)
        counts[bisect_left(self._bounds, value)] += 1
        self._sums[labels] += value

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """The samples now, buckets added up as the format wants them."""
        family = HistogramMetricFamily(self._name, self._doc, labels=self._labels)
        for labels, counts in self._counts.items():
            so_far = 0
            buckets: list[tuple[str, float]] = []
            for mark, count in zip(self._marks, counts, strict=True):
                so_far += count
                buckets.append((mark, so_far))
            family.add_metric(labels, buckets, self._sums[labels])
        yield family

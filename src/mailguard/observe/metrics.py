"""The gateway's figures. Law: no label names a person, a party or an address, and no state is global (design law 8).

Label values come from the code or the configuration (actions, clause ids, stages, routes, rule names), so
their number is bounded. Counters and histograms are tallies (`observe.tally`); gauges, which are set now and then, the
library's own.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge

from mailguard import __version__
from mailguard.observe.tally import Count, Spread

SECONDS = (1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 100)
BYTES = (1e3, 4e3, 16e3, 64e3, 256e3, 1e6, 4e6, 16e6, 64e6, 256e6)
ACTIONS = ("pass", "tag", "encrypt", "warn", "hold", "defer", "block")
STAGES = ("read", "examine", "decide", "act", "deliver", "total", "hop")


class Family(dict[tuple[str, ...], Gauge]):
    """The bound children of one gauge by their label values."""

    def __init__(self, metric: Gauge) -> None:
        super().__init__()
        self.metric = metric

    def __missing__(self, key: tuple[str, ...]) -> Gauge:
        child = self.metric.labels(*key)
        self[key] = child
        return child


def reply_class(code: int) -> str:
    """`2xx` ... `5xx`; 0 stands for no reply at all: `none`."""
    return f"{code // 100}xx" if 200 <= code < 600 else "none"


class Metrics:
    """One process's figures, in a registry of their own. Durations are seconds, sizes bytes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        self._messages = self._counter("messages", "Messages judged, by the action taken.", "action")
        self._clauses = self._counter("clause_hits", "Clauses met, by clause and mode.", "clause", "mode")
        self._replies = self._counter("hop_replies", "Replies of next hops.", "route", "verb", "class")
        self._handshakes = self._counter("tls_handshakes", "TLS handshakes, by side and result.", "side", "result")
        self._unreadable = self._counter("unreadable_parts", "Parts that could not be read, by reason.", "reason")
        self._failures = self._counter("rule_failures", "Rules that raised or were late, by rule.", "rule")
        self._reloads = self._counter("config_reloads", "Reloads of the configuration, by result.", "result")
        self._refusals = self._counter("client_refusals", "Commands or connections refused here, by reason.", "reason")
        stage = "Time a message spends in each stage."
        self._stages = Spread(self.registry, "mailguard_stage_seconds", stage, SECONDS, "stage")
        self._deliveries = self._gauge("deliveries_waiting", "Stored legs and notices yet to be sent, by kind.", "kind")
        self._expiries = self._gauge(
            "certificate_expiry_timestamp_seconds", "When a certificate in use expires, by place.", "where"
        )
        self._config = self._gauge("config_info", "The configuration in force.", "version", "policy")
        self._up = self._gauge("up", "1 where a part the gateway leans on answered its last probe.", "part")
        self._one_shot()
        for action in ACTIONS:
            self._messages.add((action,), 0)
        for stage in STAGES:
            self._stages.know((stage,))
        for result in ("accepted", "refused"):
            self._reloads.add((result,), 0)

    def _one_shot(self) -> None:
        """The metrics without labels: bound as they are."""
        registry = self.registry
        self.message_bytes = Spread(registry, "mailguard_message_bytes", "Message sizes.", BYTES)
        self.received_bytes = Count(registry, "mailguard_received_bytes", "Bytes of messages received.")
        self.delivered_bytes = Count(registry, "mailguard_delivered_bytes", "Bytes of messages taken by hops.")
        self.sessions = Gauge("mailguard_sessions_open", "Client connections open now.", registry=registry)
        self.sessions_total = Count(registry, "mailguard_sessions", "Client connections taken.")
        self.held_messages = Gauge("mailguard_held_messages", "Held messages waiting.", registry=registry)
        self.held_oldest = Gauge(
            "mailguard_held_oldest_age_seconds", "Age of the oldest held message.", registry=registry
        )
        dropped = "Journal rows given up because the store was too slow."
        self.journal_dropped = Count(registry, "mailguard_journal_dropped", dropped)
        self.uncertain = Gauge(
            "mailguard_deliveries_uncertain", "Deliveries whose final reply was lost.", registry=registry
        )
        self.workers = Gauge("mailguard_workers", "Mail workers that take mail.", registry=registry)
        self.worker_restarts = Count(registry, "mailguard_worker_restarts", "Mail workers started again.")
        build = Gauge("mailguard_build_info", "The version that runs.", ["version"], registry=registry)
        build.labels(__version__).set(1)

    def message(self, action: str) -> None:
        """One message judged."""
        self._messages.add((action,))

    def received(self, size: int) -> None:
        """One message received whole; `size` in bytes on the wire."""
        self.message_bytes.observe((), size)
        self.received_bytes.inc(size)

    def clause(self, clause: str, mode: str) -> None:
        """One clause met; `mode` is `enforce`, `observe` or `exempted`."""
        self._clauses.add((clause, mode))

    def stage(self, stage: str, seconds: float) -> None:
        """Time spent in one of STAGES."""
        self._stages.observe((stage,), seconds)

    def hop_reply(self, route: str, verb: str, code: int) -> None:
        """One reply of a hop to `verb`; 0 where none came."""
        self._replies.add((route, verb, reply_class(code)))

    def handshake(self, side: str, established: bool) -> None:
        """One TLS handshake; `side` is `client` or `hop`."""
        self._handshakes.add((side, "established" if established else "failed"))

    def unreadable(self, reason: str) -> None:
        """One part that could not be read: `locked`, `broken`, `late`, `limit`..."""
        self._unreadable.add((reason,))

    def rule_failed(self, rule: str) -> None:
        """One rule that raised or was late."""
        self._failures.add((rule,))

    def refused(self, reason: str) -> None:
        """One client command or connection refused by the gateway itself (not by policy, not by the hop)."""
        self._refusals.add((reason,))

    def reloaded(self, accepted: bool) -> None:
        """One reload of the configuration."""
        self._reloads.add(("accepted" if accepted else "refused",))

    def config(self, version: str, policy: str) -> None:
        """The configuration now in force; the one before is forgotten."""
        self._config.metric.clear()
        self._config.clear()
        self._config[version, policy].set(1)

    def waiting(self, kind: str, count: int) -> None:
        """Stored deliveries of one kind: `leg`, `notice`, `release`, `dsn`."""
        self._deliveries[kind,].set(count)

    def certificate(self, where: str, expires: float) -> None:
        """Expiry of a certificate in use, in Unix time; `where` is `listen` or a route's name."""
        self._expiries[where,].set(expires)

    def part_up(self, part: str, up: bool) -> None:
        """The outcome of a probe: `next_hop`, `store` or `encrypt`."""
        self._up[part,].set(up)

    def _counter(self, name: str, doc: str, *labels: str) -> Count:
        return Count(self.registry, f"mailguard_{name}", doc, *labels)

    def _gauge(self, name: str, doc: str, *labels: str) -> Family:
        return Family(Gauge(f"mailguard_{name}", doc, labels, registry=self.registry))

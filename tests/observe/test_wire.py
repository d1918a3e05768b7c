"""The wire's observer counts what the SMTP floor tells it."""

from __future__ import annotations

from mailguard.observe.metrics import Metrics
from mailguard.observe.wire import WireObserver
from mailguard.smtp.observer import Observer


def test_each_event_is_counted() -> None:
    metrics = Metrics()
    observer: Observer = WireObserver(metrics, "secure")
    observer.session_opened()
    observer.session_opened()
    observer.session_closed()
    observer.client_refused("limit")
    observer.hop_replied("message", 250)
    observer.hop_replied("message", 0)
    observer.bytes_received(2048)
    observer.bytes_delivered(2100)
    observer.tls("hop", True)
    observer.tls("client", False)

    def value(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(f"mailguard_{name}", labels)

    assert value("sessions_open") == 1
    assert value("sessions_total") == 2
    assert value("client_refusals_total", reason="limit") == 1
    assert value("hop_replies_total", route="secure", verb="message", **{"class": "2xx"}) == 1
    assert value("hop_replies_total", route="secure", verb="message", **{"class": "none"}) == 1
    assert value("message_bytes_count") == 1
    assert value("received_bytes_total") == 2048
    assert value("delivered_bytes_total") == 2100
    assert value("tls_handshakes_total", side="hop", result="established") == 1
    assert value("tls_handshakes_total", side="client", result="failed") == 1

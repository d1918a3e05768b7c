"""The real daemon: reload with open sessions, a killed worker, a renewed certificate, readiness, the self-test."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from tests.support.running import Running, mail, wait_for
from tests.support.sink import Sink

from mailguard.cli.bench import Bench
from mailguard.daemon.selftest import SelfTest
from mailguard.examine import load_config

MEMBER = "m.jones@council.example"
OUTSIDE = ["resident@homemail.example"]
SIX = [f"friend{number}@homemail.example" for number in range(6)]
PARTY = mail("Come to my birthday party, friends! Bring a cake.", to=", ".join(SIX), subject="My birthday")


@pytest.fixture
def hop() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


def ready(gateway: Running) -> tuple[int, dict[str, str]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{gateway.web}/readyz", timeout=10) as answer:
            return answer.status, json.load(answer)["parts"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)["parts"]


def logged(gateway: Running, event: str) -> bool:
    return f'"event":"{event}"' in (gateway.folder / "log").read_text()


def test_a_reload_reaches_sessions_that_are_open(tmp_path: Path, hop: Sink) -> None:
    with Running(tmp_path, hop.port, extra='[clauses.VOL-1]\nmode = "observe"\n') as gateway:
        with smtplib.SMTP("127.0.0.1", gateway.port, timeout=60) as client:
            client.sendmail(MEMBER, SIX, PARTY)
            gateway.config.write_text(gateway.config.read_text().replace('"observe"', '"enforce"'))
            gateway.process.send_signal(signal.SIGHUP)
            wait_for(lambda: logged(gateway, "config_active"))
            with pytest.raises(smtplib.SMTPDataError, match="five addresses"):
                client.sendmail(MEMBER, SIX, PARTY.replace(b"cake", b"pie"))
            gateway.config.write_text("preset = 1\n")
            gateway.process.send_signal(signal.SIGHUP)
            wait_for(lambda: logged(gateway, "config_refused"))
            with pytest.raises(smtplib.SMTPDataError):
                client.sendmail(MEMBER, SIX, PARTY.replace(b"cake", b"jam"))
        assert 'mailguard_config_reloads_total{result="refused"} 1.0' in gateway.metrics()
    assert len(hop.received) == 1


def test_a_killed_worker_comes_back_with_the_same_port(tmp_path: Path, hop: Sink) -> None:
    with Running(tmp_path, hop.port) as gateway:
        assert gateway.send(MEMBER, OUTSIDE, mail("One."))[0] == 250
        (worker,) = gateway.workers()
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: logged(gateway, "worker_died"))
        wait_for(lambda: "\nmailguard_workers 1.0" in gateway.metrics())
        assert gateway.send(MEMBER, OUTSIDE, mail("Two."))[0] == 250
        assert gateway.stop() == 0
    assert len(hop.received) == 2


def test_ready_only_while_all_parts_answer(tmp_path: Path, hop: Sink) -> None:
    secure = Sink().__enter__()
    with Running(tmp_path, hop.port, secure.port) as gateway:
        assert ready(gateway) == (200, dict.fromkeys(("store", "next_hop", "encrypt", "workers"), "ok"))
        secure.__exit__()
        status, parts = wait_for(lambda: found if (found := ready(gateway))[0] == 503 else None)
        assert (status, parts["encrypt"], parts["next_hop"]) == (503, "unreachable", "ok")


def test_a_renewed_certificate_is_taken_without_a_restart(tmp_path: Path, hop: Sink) -> None:
    authority = trustme.CA()

    def issue(name: str) -> None:
        issued = authority.issue_cert(name)
        issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
        issued.private_key_pem.write_to_path(tmp_path / "key.pem")

    def shown() -> str:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with smtplib.SMTP("127.0.0.1", gateway.port, timeout=60) as client:
            client.starttls(context=context)
            assert isinstance(client.sock, ssl.SSLSocket)
            found = x509.load_der_x509_certificate(client.sock.getpeercert(binary_form=True) or b"")
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return names.get_values_for_type(x509.DNSName)[0]

    issue("one.council.example")
    gateway = Running(tmp_path, hop.port)
    tls = 'tls = "optional"\ncertificate = "cert.pem"\nprivate_key = "key.pem"\n[next_hop]'
    gateway.config.write_text(gateway.config.read_text().replace("[next_hop]", tls))
    with gateway:
        assert shown() == "one.council.example"
        issue("two.council.example")
        wait_for(lambda: shown() == "two.council.example", 30)
        assert 'mailguard_certificate_expiry_timestamp_seconds{where="listen"}' in gateway.metrics()


def test_the_self_test_passes_and_leaves_nothing_held(tmp_path: Path, hop: Sink) -> None:
    with Sink() as secure, Running(tmp_path, hop.port, secure.port) as gateway:
        config = load_config(gateway.config)
        with Bench(config) as bench:
            test = SelfTest(
                config,
                lambda data, sender, to: bench.judge(data, sender=sender, recipients=to).verdict,
                outside="operator@elsewhere.example",
            )
            checks = {check.name: check for check in test.checks()}
        assert [check for check in checks.values() if check.passed is False] == []
        for name in ("listening", "size", "DSN", "8BITMIME", "SMTPUTF8", "reaches next_hop", "reaches secure"):
            assert checks[name].passed, checks[name]
        for action in ("encrypt", "warn", "hold"):
            assert checks[f"action {action}"].passed, checks[f"action {action}"]
        assert "held" not in {case["state"] for case in gateway.cases()}
    allowed = {"postmaster@council.example", "operator@elsewhere.example"}
    sent = [item for taken in (hop, secure) for item in taken.received if item.sender]
    assert {to for item in sent for to in item.recipients} <= allowed


def test_the_self_test_says_that_nothing_listens(tmp_path: Path) -> None:
    gateway = Running(tmp_path, 1)
    config = load_config(gateway.config)
    with Bench(config) as bench:
        (check,) = SelfTest(config, lambda data, sender, to: bench.judge(data).verdict).checks()
    assert (check.name, check.passed) == ("listening", False)

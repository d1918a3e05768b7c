"""A real Prometheus scrapes a real run; then every query of the dashboard and every rule that ships is run in it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import smtplib
import ssl
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from tests.soak import mails
from tests.support.running import Running, free_port, wait_for
from tests.support.sink import Sink

DEPLOY = Path(__file__).parents[2] / "deploy"
EMPTY = {"Rules that fail"}
"""Panels that are right to show nothing here: no rule of ours can be made to fail from outside."""


def expressions() -> list[tuple[str, str]]:
    """Title and query of each target on the dashboard."""
    board = json.loads((DEPLOY / "grafana/mailguard.json").read_text())
    return [(panel["title"], target["expr"]) for panel in board["panels"] for target in panel.get("targets", ())]


class Prometheus:
    """One that scrapes every half second, with the rules that ship."""

    def __init__(self, program: str, folder: Path, target: int) -> None:
        self.port = free_port()
        text = (DEPLOY / "prometheus/prometheus.yml").read_text()
        text = text.replace("15s", "500ms").replace("gateway:8025", f"127.0.0.1:{target}")
        (folder / "prometheus.yml").write_text(text)
        rules = (DEPLOY / "prometheus/rules.yml").read_text().replace("interval: 30s", "interval: 500ms")
        (folder / "rules.yml").write_text(rules)
        self.log = (folder / "prometheus.log").open("wb")
        words = [
            program,
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]
        self.process = subprocess.Popen(words, stdout=self.log, stderr=self.log)

    def ask(self, path: str, **parameters: str) -> Any:
        """The data of an answer. Raises OSError, with HTTP 400 for a query that is none."""
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}?{query}", timeout=10) as answer:
            told = json.load(answer)
        assert told["status"] == "success"
        assert not told.get("warnings")
        return told["data"]

    def series(self, query: str) -> list[Any]:
        return list(self.ask("query", query=query)["result"])

    def ready(self) -> bool:
        try:
            return bool(self.series('up{job="mailguard"} == 1'))
        except OSError:
            return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.log.close()


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """After a run in which everything that can be counted from outside happened, twice."""
    program = shutil.which("prometheus", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not program:
        pytest.skip("prometheus is not installed (apt-get install prometheus)")
    folder = tmp_path_factory.mktemp("prometheus")
    made = trustme.CA().issue_cert("gate.example")
    made.private_key_pem.write_to_path(str(folder / "gate.key"))
    made.cert_chain_pems[0].write_to_path(str(folder / "gate.pem"))
    with Sink() as hop, Sink() as vault:
        gateway = Running(folder, hop.port, vault.port, extra=mails.OWN)
        listen = '[listen]\ntls = "optional"\ncertificate = "gate.pem"\nprivate_key = "gate.key"\n'
        gateway.config.write_text(gateway.config.read_text().replace("[listen]\n", listen))
        with gateway:
            prometheus = Prometheus(program, folder, gateway.web)
            try:
                wait_for(prometheus.ready, 30)
                for number in (0, 1):
                    happen(gateway, number)
                    time.sleep(1.5)
                yield prometheus
            finally:
                prometheus.stop()


def happen(gateway: Running, number: int) -> None:
    """Mails of each sort, one that cannot be read, a reload, a failed handshake and a command that is none."""
    for kind in range(len(mails.KINDS)):
        sample = mails.make(kind, 100 * number + kind)
        gateway.send(sample.sender, sample.recipients, sample.data())
    broken = mails.attached(100 * number + 50, "UEsDBAoAAAAAAAAAAAAAAA==", "application/zip", "letter.zip")
    gateway.send(broken.sender, broken.recipients, broken.data())
    gateway.process.send_signal(signal.SIGHUP)
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=10) as client:
        client.docmd("NONSENSE")
        client.ehlo()
        with pytest.raises(ssl.SSLError):
            client.starttls(context=ssl.create_default_context())
        client.close()


@pytest.mark.parametrize(("title", "query"), expressions())
def test_a_panel_shows_something(scraped: Prometheus, title: str, query: str) -> None:
    found = wait_for(lambda: scraped.series(query.replace("$__rate_interval", "30s")) or title in EMPTY, 10)
    assert found is True or found


def test_every_rule_is_in_force_and_healthy(scraped: Prometheus) -> None:
    groups = wait_for(lambda: [g for g in scraped.ask("rules")["groups"] if g["evaluationTime"]], 10)
    rules = [rule for group in groups for rule in group["rules"]]
    assert {rule["type"] for rule in rules} == {"alerting", "recording"}
    assert [rule["name"] for rule in rules if rule["health"] != "ok"] == []


def test_the_recorded_series_are_there(scraped: Prometheus) -> None:
    assert wait_for(lambda: scraped.series("mailguard:messages:rate5m"), 10)
    assert wait_for(lambda: scraped.series("mailguard:total_seconds:p99_5m"), 10)


def test_the_figures_of_a_real_run_are_clean(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("promtool is not installed (apt-get install prometheus)")
    with Sink() as hop, Running(tmp_path, hop.port) as gateway:
        figures = gateway.metrics()
    done = subprocess.run([promtool, "check", "metrics"], input=figures, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

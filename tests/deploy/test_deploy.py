"""What deploy/ ships is taken by the programs it is for. Each test that needs one says which."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from mailguard.observe.gather import exposition, snapshot
from mailguard.observe.metrics import Metrics

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
EXPOSURE = 2.0


def needs(program: str) -> str:
    """The program's path, with the system folders that a plain user's PATH leaves out."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if not found:
        pytest.skip(f"{program} is not installed")
    return found


def run(arguments: Sequence[str | Path], cwd: Path = DEPLOY) -> str:
    done = subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_alert_rules_are_right_and_fire_when_they_should() -> None:
    promtool = needs("promtool")
    run([promtool, "check", "rules", "prometheus/rules.yml"])
    run([promtool, "test", "rules", "prometheus/rules_test.yml"])


def test_each_alert_is_tested_both_ways() -> None:
    rules = (DEPLOY / "prometheus/rules.yml").read_text()
    cases = (DEPLOY / "prometheus/rules_test.yml").read_text().split("  - interval:")
    for alert in re.findall(r"- alert: (\w+)", rules):
        mine = [case for case in cases if f"alertname: {alert}\n" in case]
        assert any("exp_labels" in case for case in mine), f"{alert} never fires"
        assert any("exp_alerts: []" in case for case in mine), f"{alert} is never silent"


@pytest.mark.parametrize("file", ["prometheus/rules.yml", "grafana/mailguard.json"])
def test_queries_ask_for_figures_that_exist(file: str) -> None:
    if not (DEPLOY / file).exists():
        pytest.skip(f"{file} is not there")
    known = {metric.name for metric in Metrics().registry.collect()}
    known |= {f"{metric.name}_total" for metric in Metrics().registry.collect() if metric.type == "counter"}
    known |= {f"{name}_{end}" for name in set(known) for end in ("bucket", "sum", "count")}
    asked = set(re.findall(r"\bmailguard_[a-z_]+\b", (DEPLOY / file).read_text()))
    assert asked
    assert asked <= known


@pytest.mark.parametrize("dropin", ["", "ports.conf"])
def test_the_unit_is_locked_down(dropin: str, tmp_path: Path) -> None:
    analyze = needs("systemd-analyze")
    parts = [DEPLOY / "systemd" / name for name in ("mailguard.service", dropin) if name]
    unit = tmp_path / "mailguard.service"
    unit.write_text(
        "\n".join(part.read_text() for part in parts)
    )  # a later line of a section wins, as a drop-in's does
    text = run([analyze, "security", "--offline=true", "--no-pager", unit])
    match = re.search(r"Overall exposure level for mailguard.service: ([0-9.]+)", text)
    assert match, text
    assert float(match[1]) <= EXPOSURE


def test_low_ports_are_not_asked_for_from_within_a_user_namespace() -> None:
    text = (DEPLOY / "systemd/ports.conf").read_text()
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE\n" in text
    assert "PrivateUsers=no\n" in text


def test_figures_are_in_the_form_prometheus_wants() -> None:
    promtool = needs("promtool")
    text = exposition(snapshot(Metrics().registry))
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


def test_kubernetes_takes_its_manifests() -> None:
    run([needs("kubernetes-validate"), "--strict", "kubernetes/mailguard.yaml"])


def test_compose_takes_its_file(tmp_path: Path) -> None:
    compose = needs("docker-compose")
    (tmp_path / ".env").write_text("POSTGRES_PASSWORD=example\n")
    shutil.copy(DEPLOY / "compose/compose.yaml", tmp_path)
    run([compose, "--file", "compose.yaml", "config", "--quiet"], tmp_path)


def test_haproxy_takes_its_file() -> None:
    run([needs("haproxy"), "-c", "-f", "haproxy/haproxy.cfg"])


@pytest.mark.parametrize("place", ["before", "behind"])
def test_postfix_takes_the_fragments(place: str, tmp_path: Path) -> None:
    postconf = needs("postconf")
    shutil.copy("/usr/share/postfix/master.cf.dist", tmp_path / "master.cf")
    (tmp_path / "main.cf").write_text((DEPLOY / f"postfix/{place}.main.cf").read_text())
    with (tmp_path / "master.cf").open("a") as master:
        master.write((DEPLOY / f"postfix/{place}.master.cf").read_text())
    told = run([postconf, "-c", tmp_path, "-n"]) + run([postconf, "-c", tmp_path, "-P"])
    assert "warning" not in told, told
    services = run([postconf, "-c", tmp_path, "-M"])
    assert re.search(r"^(127\.0\.0\.1:)?2526\s+inet", services, re.MULTILINE)


def test_the_image_is_built_from_locks_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text()
    for line in re.findall(r"pip install (.*)", text):
        assert "--require-hashes" in line or "--no-deps" in line
    assert len(re.findall(r"^FROM ", text, re.MULTILINE)) == 2
    last = text.rpartition("FROM ")[2]
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert "gcc" not in last
    copied = {word for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE) for word in line.split()}
    assert all((ROOT / name).exists() for name in copied)
    ignored = (ROOT / ".dockerignore").read_text()
    assert all(f"!{name}\n" in ignored for name in copied)


def test_the_image_starts_what_the_package_installs() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert 'ENTRYPOINT ["mailguard"]' in (ROOT / "Dockerfile").read_text()
    assert "mailguard" in scripts

"""Certificates: their end is told, a renewed pair is taken, half a pair is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import structlog
import trustme

from mailguard.config.load import Config
from mailguard.daemon.assembly import load
from mailguard.daemon.certificates import Certificates, expiry
from mailguard.observe.metrics import Metrics


def issue(folder: Path, name: str = "mail.council.example") -> None:
    issued = trustme.CA().issue_cert(name)
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    issue(tmp_path)
    found = load(None)
    update = {"tls": "optional", "certificate": tmp_path / "cert.pem", "private_key": tmp_path / "key.pem"}
    listen = found.settings.listen.model_copy(update=update)
    return replace(found, settings=found.settings.model_copy(update={"listen": listen}))


async def test_a_renewed_pair_is_taken_once(config: Config, tmp_path: Path) -> None:
    taken: list[int] = []
    metrics = Metrics()
    watch = Certificates(config, lambda: taken.append(1), metrics, structlog.get_logger())
    await watch.look()
    assert taken == []
    issue(tmp_path)
    await watch.look()
    await watch.look()
    assert taken == [1]
    told = metrics.registry.get_sample_value("mailguard_certificate_expiry_timestamp_seconds", {"where": "listen"})
    assert told == expiry(tmp_path / "cert.pem")


async def test_half_a_pair_is_tried_again(config: Config, tmp_path: Path) -> None:
    tried: list[int] = []

    def reload() -> None:
        tried.append(1)
        if len(tried) == 1:
            raise OSError("key values mismatch")

    watch = Certificates(config, reload, Metrics(), structlog.wrap_logger(None, processors=[drop]))
    issue(tmp_path)
    await watch.look()
    await watch.look()
    await watch.look()
    assert len(tried) == 2


def drop(*_: object) -> dict[str, object]:
    raise structlog.DropEvent


async def test_a_file_that_is_no_certificate_is_told_as_expired(config: Config, tmp_path: Path) -> None:
    metrics = Metrics()
    watch = Certificates(config, lambda: None, metrics, structlog.wrap_logger(None, processors=[drop]))
    (tmp_path / "cert.pem").write_text("nothing")
    await watch.look()
    told = metrics.registry.get_sample_value("mailguard_certificate_expiry_timestamp_seconds", {"where": "listen"})
    assert told == 0

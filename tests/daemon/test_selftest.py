"""`mailguard selftest` on a running gateway. (deploy/test_installed.py runs it as it is installed, in clear.)"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.running import Running
from tests.support.sink import Sink


def test_a_gateway_that_requires_tls_is_tested_by_tls(tmp_path: Path) -> None:
    words = "req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=localhost -keyout key.pem -out certificate.pem"
    subprocess.run(["openssl", *words.split()], cwd=tmp_path, check=True, capture_output=True)
    with Sink() as world:
        gateway = Running(tmp_path, world.port)
        table = '[listen]\ntls = "required"\ncertificate = "certificate.pem"\nprivate_key = "key.pem"\n'
        gateway.config.write_text(gateway.config.read_text().replace("[listen]\n", table))
        with gateway:
            tested = gateway.command("selftest")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "passed    starttls: TLSv1" in tested.stdout
    assert "passed    DSN: 250" in tested.stdout
    assert world.received


def test_who_does_not_listen_is_named(tmp_path: Path) -> None:
    gateway = Running(tmp_path, 9)
    tested = gateway.command("selftest")
    assert tested.returncode == 1
    assert tested.stdout == f"FAILED    listening: 127.0.0.1:{gateway.port}: [Errno 111] Connection refused\n"

"""A backup made while the gateway runs gives every held mail back, byte for byte."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.support.running import Running, mail, wait_for
from tests.support.sink import Sink

BACKUP = Path(__file__).parents[2] / "deploy" / "backup"
RESIDENTS = [f"resident{number}@homemail.example" for number in range(12)]


def tool(name: str, *arguments: Path) -> str:
    environ = {**os.environ, "PYTHON": sys.executable}
    done = subprocess.run([BACKUP / name, *arguments], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_held_mail_survives_the_loss_of_the_store(tmp_path: Path) -> None:
    held = mail("The minutes go to all of you.", to=", ".join(RESIDENTS), subject="To all residents")
    with Sink() as hop, Running(tmp_path, hop.port) as gateway:
        assert gateway.send("m.jones@council.example", RESIDENTS, held)[0] == 250
        (case,) = gateway.cases()
        assert case["state"] == "held"
        archive = Path(tool("backup", gateway.config, tmp_path / "backup"))
        assert gateway.stop() == 0
        shutil.rmtree(tmp_path / "var")
        (tmp_path / "var").mkdir()
        tool("restore", archive, gateway.config)
        gateway.start()
        assert [item["number"] for item in gateway.cases()] == [case["number"]]
        done = gateway.command("cases", "release", case["number"], "--reason", "approved")
        assert done.returncode == 0, done.stderr
        wait_for(lambda: [item for item in hop.received if item.sender])
        (sent,) = [item for item in hop.received if item.sender]
    assert sent.body == held.partition(b"\r\n\r\n")[2]
    assert oct(archive.stat().st_mode)[-3:] == "600"
    with tarfile.open(archive) as opened:
        assert not [name for name in opened.getnames() if "key" in name]

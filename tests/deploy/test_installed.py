"""As a new user has it: the wheel in a clean environment outside the checkout, init, run and selftest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.support.running import free_port, wait_for
from tests.support.sink import Sink

ROOT = Path(__file__).parents[2]


def wheel(folder: Path) -> Path:
    """The wheel, made from the sdist."""
    words = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.glob("*.whl")
    return made


def installed(folder: Path) -> Path:
    """The command in a bare venv; its dependencies are lent by this environment, so that nothing is fetched."""
    made = wheel(folder)
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", "--quiet", made]
    subprocess.run(pip, check=True, capture_output=True)
    site = next((folder / "venv" / "lib").glob("python*/site-packages"))
    # A path line lends the packages, and not the editable mailguard: nested .pth files are not read.
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "venv" / "bin" / "mailguard"


def test_install_init_run_selftest(tmp_path: Path) -> None:
    program, home = installed(tmp_path / "built"), tmp_path / "home"
    home.mkdir()
    environ = {"PATH": os.defpath, "HOME": str(home), "LANG": "C.UTF-8"}

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        line = [str(program), *words]
        return subprocess.run(line, cwd=home, env=environ, capture_output=True, text=True, check=False, timeout=120)

    made = call("init", "--preset", "lancashire", str(home))
    assert made.returncode == 0, made.stderr
    with Sink() as hop:
        port, web = free_port(), free_port()
        environ |= {
            "MAILGUARD_LISTEN__ADDRESS": f"127.0.0.1:{port}",
            "MAILGUARD_NEXT_HOP__ADDRESS": f"127.0.0.1:{hop.port}",
            "MAILGUARD_WEB__ADDRESS": f"127.0.0.1:{web}",
        }
        with (home / "log").open("wb") as log:
            daemon = subprocess.Popen([program, "run"], cwd=home, env=environ, stdout=log, stderr=log)
            try:
                wait_for(lambda: b'"ready"' in (home / "log").read_bytes() or daemon.poll() is not None, 30)
                assert daemon.poll() is None, (home / "log").read_text()
                tested = call("selftest")
                assert tested.returncode == 0, tested.stdout + tested.stderr
                assert hop.received, "no mail of the selftest arrived"
            finally:
                daemon.send_signal(signal.SIGTERM)
                assert daemon.wait(40) == 0

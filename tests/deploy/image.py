"""The image built for real by buildah from the Dockerfile, and asked: `make image-test`, not among the other tests.

The base image is made by debootstrap under the name in FROM, so that no registry is asked. BUILDAH_CHROOT may name a
folder that debootstrap filled before (and that has the /etc/pip.conf and authorities this machine needs).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BASE = "docker.io/library/debian:bookworm-slim"
NAME = "localhost/mailguard-test"


def missing() -> str:
    if os.geteuid() != 0:
        return "building without a daemon needs root here"
    absent = [program for program in ("buildah", "debootstrap") if not shutil.which(program)]
    return f"not installed: {', '.join(absent)} (apt-get install)" if absent else ""


@pytest.fixture(scope="module")
def buildah(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """buildah's command line, its storage in a folder of ours, with the base image in it."""
    if why := missing():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("buildah")
    os.environ.update(BUILDAH_ISOLATION="chroot", STORAGE_DRIVER="vfs")
    words = ["buildah", "--root", str(folder / "root"), "--runroot", str(folder / "run")]
    base = Path(os.environ.get("BUILDAH_CHROOT", folder / "base"))
    if not (base / "etc").exists():
        call("debootstrap", "--variant=minbase", "bookworm", str(base))
    made = call(*words, "from", "scratch").strip()
    call(*words, "add", "--quiet", made, str(base), "/")
    call(*words, "commit", "--quiet", made, BASE)
    yield words
    shutil.rmtree(folder, ignore_errors=True)


def call(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT, timeout=1800)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


def test_the_image_is_built_and_runs_as_its_own_user(buildah: list[str]) -> None:
    more = ["--pull-never", "--build-arg", f"BASE={BASE}", "--network", "host"]
    call(*buildah, "bud", *more, "-t", NAME, ".")
    container = call(*buildah, "from", "--pull-never", NAME).strip()
    run = [*buildah, "run", "--user", "10001:10001", container, "--"]
    assert call(*run, "id", "-u").strip() == "10001"
    assert "selftest" in call(*run, "mailguard", "--help")
    call(*run, "mailguard", "init", "--preset", "lancashire", "/var/lib/mailguard")
    call(*run, "mailguard", "check-config", "--config", "/var/lib/mailguard/mailguard.toml")
    call(*run, "sh", "-c", "! touch /opt/mailguard/x 2>/dev/null")

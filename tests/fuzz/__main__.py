"""`python -m tests.fuzz TARGET|all --seconds N`: with atheris where it is installed, else by mutation of the seeds.

A text that breaks a promise is written to the seeds, so that the short run in the tests keeps it.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz.mutate import SEEDS, mutations, seeds

NAMES = sorted(path.name for path in SEEDS.iterdir())


def guided(name: str, seconds: int) -> int:
    """Coverage-guided, with what it found new kept in a folder apart from the seeds."""
    import atheris

    corpus = Path("/tmp") / f"mailguard-fuzz-{name}"
    corpus.mkdir(exist_ok=True)
    with atheris.instrument_imports(include=["mailguard"]):
        targets = importlib.import_module("tests.fuzz.targets").TARGETS
    words = [f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=4000", f"-artifact_prefix={SEEDS / name}/"]
    atheris.Setup([sys.argv[0], str(corpus), str(SEEDS / name), *words], targets[name])
    atheris.Fuzz()
    return 0


def blind(name: str, seconds: int) -> int:
    """By mutation alone."""
    target = importlib.import_module("tests.fuzz.targets").TARGETS[name]
    end, count, given = time.monotonic() + seconds, 0, seeds(name)
    for data in mutations(given, 2**62, seed=time.time_ns()):
        if time.monotonic() > end:
            break
        count += 1
        try:
            target(data)
        except Exception as error:
            place = SEEDS / name / f"found-{hashlib.sha256(data).hexdigest()[:12]}"
            place.write_bytes(data)
            print(f"{name}: {type(error).__name__}: {place}")
            return 1
    print(f"{name}: {count} texts, none broke it")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", choices=[*NAMES, "all"])
    parser.add_argument("--seconds", type=int, default=600, help="for each target")
    parser.add_argument("--blind", action="store_true", help="by mutation, also where atheris is installed")
    given = parser.parse_args()
    if given.target == "all":
        words = [sys.executable, "-m", "tests.fuzz", "--seconds", str(given.seconds), *["--blind"] * given.blind]
        return max([subprocess.run([*words, name], check=False).returncode for name in NAMES])
    if importlib.util.find_spec("atheris") and not given.blind:
        return guided(given.target, given.seconds)
    return blind(given.target, given.seconds)


if __name__ == "__main__":
    sys.exit(main())

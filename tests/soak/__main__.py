"""`python -m tests.soak --minutes 60 [--store postgresql] [--rate N]`: exit 1 where a mail was lost or doubled."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import uvloop

from tests.soak.faults import FAULTS
from tests.soak.soak import Plan, soak
from tests.soak.summary import summary


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rate", type=float, help="mails a second; default: half of what is measured first")
    parser.add_argument("--gap", type=float, default=12, help="seconds between faults")
    parser.add_argument("--fault", type=float, default=4, help="seconds a fault lasts")
    parser.add_argument("--faults", help="only these, parted by commas")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chosen = [fault for fault in FAULTS if not given.faults or fault.__name__ in given.faults.split(",")]
    plan = Plan(
        minutes=given.minutes,
        store=given.store,
        rate=given.rate,
        gap=given.gap,
        fault=given.fault,
        seed=given.seed,
        faults=chosen,
    )
    folder = Path(tempfile.mkdtemp(prefix="mailguard-soak-"))
    outcome = uvloop.run(soak(plan, folder))
    print(summary(outcome))
    print(f"log: {folder / 'log'}")
    return 1 if outcome.account.lost or outcome.account.doubled else 0


if __name__ == "__main__":
    sys.exit(main())

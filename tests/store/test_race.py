"""Several gateways, each a process of its own, on one store: each thing is given to one of them."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

from mailguard.store.store import Store
from tests.store.specimens import PLAN, message, new_case, new_delivery

GATEWAYS = 3


async def test_each_thing_is_given_to_one(url: str, tmp_path: Path) -> None:
    store = await Store.open(url, tmp_path / "held", tmp_path / "key")
    sent = [(await store.send(new_delivery("notice"), message())).id for _ in range(20)]
    tokens = [await store.tokens.issue("s@x", ["VOL-1"], ["r@x"], "t", "2026-000001") for _ in range(10)]
    cases = [(await store.hold(new_case(), message(), plan=PLAN)).number for _ in range(10)]
    words = (sys.executable, "-m", "tests.store.race", url, str(tmp_path))
    pipe = asyncio.subprocess.PIPE
    root = Path(__file__).parents[2]
    gateways = [
        await asyncio.create_subprocess_exec(*words, f"g{number}", stdin=pipe, stdout=pipe, cwd=root)
        for number in range(GATEWAYS)
    ]
    for gateway in gateways:
        assert gateway.stdout
        assert await gateway.stdout.readline() == b"ready\n"
    given = json.dumps({"tokens": tokens, "cases": cases}).encode() + b"\n"
    said = await asyncio.gather(*(gateway.communicate(given) for gateway in gateways))
    got = [json.loads(out) for out, _ in said]
    for what, wanted in (("leased", sent), ("redeemed", tokens), ("released", cases)):
        assert Counter(item for each in got for item in each[what]) == Counter(wanted), what
    # Three people each and a limit of five: of one mailing's gateways at most one stays under it.
    assert max(Counter(turn for each in got for turn in each["under"]).values()) == 1
    assert len(await store.deliveries.list()) == len(sent) + len(cases)
    await store.close()

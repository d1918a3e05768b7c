"""One gateway among several: run as a program, `url folder name`; waits for a line, then takes all it can get."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from mailguard.store.errors import WrongState
from mailguard.store.store import Store

HOUR = 3600.0


async def main(url: str, folder: Path, name: str) -> None:
    store = await Store.open(url, folder / "held", folder / "key")
    print("ready", flush=True)
    given = json.loads(await asyncio.to_thread(sys.stdin.readline))
    leased: list[str] = []
    while batch := await store.deliveries.lease(name, 3, 600):
        leased += [delivery.id for delivery in batch]
    redeemed = [token for token in given["tokens"] if await store.tokens.redeem(token, "s@x", ["VOL-1"], ["r@x"], "t")]
    under = []
    for turn in range(10):
        mail = f"{name}-{turn}"
        if await store.mailings.reserve(f"k{turn}", [f"{name}-{person}" for person in range(3)], HOUR, mail) > 5:
            await store.mailings.cancel(mail)
        else:
            await store.mailings.confirm(mail)
            under.append(turn)
    released = []
    for number in given["cases"]:
        try:
            await store.release(number, name, "")
            released.append(number)
        except WrongState:
            continue
    print(json.dumps({"leased": leased, "redeemed": redeemed, "under": under, "released": released}))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))

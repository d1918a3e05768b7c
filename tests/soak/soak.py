"""The course of a soak: full speed is measured, half of it goes on, faults come and go, and then all is counted.

Law: counted is what clients were told against what far ends and store have, never the gateway's figures.
"""

from __future__ import annotations

import asyncio
import random
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.soak import processes
from tests.soak.faults import FAULTS, Fault
from tests.soak.ledger import Account, Ledger
from tests.soak.load import Load
from tests.soak.mails import KINDS
from tests.soak.stage import Stage, settled, states, still_to_send


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`minutes` 0 ends after one round of faults. Times are in seconds, but for that.

    `rate` in mails a second; None: half of what the first `calibrate` seconds reach.
    """

    minutes: float
    store: str = "sqlite"
    rate: float | None = None
    calibrate: float = 10.0
    gap: float = 12.0
    fault: float = 4.0
    sessions: int = 20
    workers: int = 2
    disk: int = 512
    settle: float = 90.0
    seed: int = 1
    faults: Sequence[Fault] = FAULTS


@dataclass
class Happening:
    """One fault, from its begin to the moment it was mended, on the monotonic clock."""

    name: str
    begin: float
    end: float = 0.0


@dataclass
class Outcome:
    """All a summary needs."""

    plan: Plan
    ledger: Ledger
    account: Account
    happenings: list[Happening]
    rate: float
    full: float
    memory: list[tuple[float, float]] = field(default_factory=list)
    others: list[tuple[float, float]] = field(default_factory=list)
    """Each second: the moment, and the cores that other programs had in it."""
    unoffered: int = 0
    failed_connections: int = 0
    released: int = 0
    began: float = 0.0
    ended: float = 0.0
    left_out: list[str] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)


async def soak(plan: Plan, folder: Path) -> Outcome:
    """Run it. The gateway's log stays in `folder`."""
    ledger = Ledger(KINDS)
    stage = Stage(folder, ledger, plan.store, plan.workers, plan.disk)
    try:
        await stage.open()
        return await _course(plan, stage, ledger)
    finally:
        await stage.close()


async def _course(plan: Plan, stage: Stage, ledger: Ledger) -> Outcome:
    load = Load(lambda: stage.gateway.port, ledger, time.monotonic, plan.seed)
    load.tls = stage.trust()
    full = 0.0
    if plan.rate is None:
        full = await load.run(None, plan.calibrate, plan.sessions) / plan.calibrate
    rate = plan.rate or max(10.0, full / 2)
    outcome = Outcome(plan, ledger, Account(), [], rate, full, began=time.monotonic())
    outcome.memory.append((time.monotonic(), processes.memory(stage.gateway.process.pid)))
    helpers = [
        asyncio.create_task(_release(stage, load, outcome)),
        asyncio.create_task(_remember(plan, stage, outcome)),
        asyncio.create_task(_look_around(stage, outcome)),
    ]
    over = asyncio.Event()
    breaking = asyncio.create_task(_break(plan, stage, outcome))
    breaking.add_done_callback(lambda _: over.set() if not plan.minutes else None)
    await load.run(rate, plan.minutes * 60 or 3600, plan.sessions, over)
    outcome.ended = time.monotonic()
    await breaking
    helpers[0].cancel()
    await settled(stage.store, plan.settle)
    for helper in helpers[1:]:
        helper.cancel()
    await asyncio.gather(*helpers, return_exceptions=True)
    outcome.memory.append((time.monotonic(), processes.memory(stage.gateway.process.pid)))
    outcome.unoffered, outcome.failed_connections = load.unoffered, load.failed_connections
    outcome.account = ledger.settle(await states(stage.store), await still_to_send(stage.store), stage.kills)
    return outcome


async def _break(plan: Plan, stage: Stage, outcome: Outcome) -> None:
    """Fault after fault, each round in another order, until it is nearly over."""
    faults = [fault for fault in plan.faults if fault.__name__ != "full_disk" or stage.disk.mounted]
    outcome.left_out = [fault.__name__ for fault in plan.faults if fault not in faults]
    rng, end = random.Random(plan.seed), outcome.began + plan.minutes * 60 - plan.gap
    while True:
        for fault in rng.sample(faults, len(faults)):
            await asyncio.sleep(plan.gap)
            if plan.minutes and time.monotonic() + plan.fault > end:
                return
            happening = Happening(fault.__name__, time.monotonic())
            await fault(stage, plan.fault)
            happening.end = time.monotonic()
            outcome.happenings.append(happening)
        if not plan.minutes:
            await asyncio.sleep(plan.gap)
            return


async def _release(stage: Stage, load: Load, outcome: Outcome) -> None:
    """A person decides: every other held mail goes."""
    seen = 0
    while True:
        while seen < len(load.held):
            number, seen = load.held[seen], seen + 1
            if seen % 2 == 0:
                continue
            try:
                await stage.store.release(number, "soak", "fine")
                outcome.released += 1
            except Exception:  # the store is one of the things that break: this one stays held
                await asyncio.sleep(0.2)
        await asyncio.sleep(0.2)


async def _remember(plan: Plan, stage: Stage, outcome: Outcome) -> None:
    while True:
        await asyncio.sleep(5.0)
        amount = await asyncio.to_thread(processes.memory, stage.gateway.process.pid)
        outcome.memory.append((time.monotonic(), amount))


async def _look_around(stage: Stage, outcome: Outcome) -> None:
    others = processes.Others()
    while True:
        await asyncio.sleep(1.0)
        cores = await asyncio.to_thread(others.cores, stage.roots())
        outcome.others.append((time.monotonic(), cores))


def seconds_of(outcome: Outcome) -> dict[int, tuple[array[float], int]]:
    """By second since the begin: latencies of mails answered 250 or 5xx, and how many were not."""
    table: dict[int, tuple[array[float], int]] = {}
    ledger = outcome.ledger
    for began, took, code in zip(ledger.began, ledger.took, ledger.code, strict=True):
        if began < outcome.began:
            continue
        good, bad = table.get(int(began - outcome.began), (array("d"), 0))
        if code == 250 or code >= 500:
            good.append(took)
        else:
            bad += 1
        table[int(began - outcome.began)] = good, bad
    return table

"""A gateway that is killed at one step after another: run as a program, `url folder`. Prints each step it died at.

Each step runs in a fork of its own and dies by SIGKILL: no `finally`, no rollback, no flush.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from mailguard.mail.message import Message
from mailguard.store import bodies, seal
from mailguard.store.bodies import Bodies
from mailguard.store.cases import Cases
from mailguard.store.deliveries import Deliveries
from mailguard.store.store import Store
from tests.store.specimens import PLAN, message, new_case, new_delivery

MAIL = Message.of(random.Random(7).randbytes(2_500_000))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed(owner: Any, name: str, when: str, turn: int = 1) -> None:
    """Die before or after the `turn`-th call of `owner.name`."""
    inner = getattr(owner, name)
    calls = []

    def sync(*words: Any, **named: Any) -> Any:
        calls.append(1)
        if when == "before" and len(calls) == turn:
            die()
        made = inner(*words, **named)
        if when == "after" and len(calls) == turn:
            die()
        return made

    async def awaited(*words: Any, **named: Any) -> Any:
        calls.append(1)
        if when == "before" and len(calls) == turn:
            die()
        made = await inner(*words, **named)
        if when == "after" and len(calls) == turn:
            die()
        return made

    setattr(owner, name, awaited if asyncio.iscoroutinefunction(inner) else sync)


async def hold(store: Store, step: str) -> None:
    await store.hold(new_case(mail_id=step), MAIL, plan=PLAN * 2)
    print("acknowledged", step, flush=True)


async def release(store: Store, step: str) -> None:
    case = await store.hold(new_case(mail_id=step), message(), plan=PLAN * 2)
    ARM[step]()
    await store.release(case.number, "officer", "")
    print("acknowledged", step, flush=True)


async def leg(store: Store, step: str) -> None:
    legs = await store.legs([(new_delivery(route=step), message()), (new_delivery(route=step), message())])
    if step == "leg: before promote":
        die()
    await store.deliveries.promote([leg.id for leg in legs])
    print("acknowledged", step, flush=True)
    die()


async def send(store: Store, step: str) -> None:
    case = await store.hold(new_case(mail_id=step), message(), plan=PLAN)
    await store.release(case.number, "officer", "")
    [leased] = [row for row in await store.deliveries.lease("w", 99, 1) if row.case == case.number]
    if step == "send: leased":
        die()
    await store.deliveries.sending(leased)
    if step == "send: sending":
        die()
    ARM[step]()
    await store.deliveries.done(leased)


def nothing() -> None:
    """Not armed: the step dies of itself."""


HOLD: dict[str, Callable[[], None]] = {
    "hold: before the file": lambda: killed(seal, "write", "before"),
    "hold: within the file": lambda: killed(seal, "_nonce", "before", 2),
    "hold: after the file": lambda: killed(seal, "write", "after"),
    "hold: before the folder": lambda: killed(bodies, "sync_folder", "before"),
    "hold: after the folder": lambda: killed(bodies, "sync_folder", "after"),
    "hold: after the body's row": lambda: killed(Bodies, "insert", "after"),
    "hold: after the case's row": lambda: killed(Cases, "insert", "after"),
    "hold: after the commit": lambda: killed(Connection, "_commit_impl", "after"),
    "hold: whole": nothing,
}
RELEASE: dict[str, Callable[[], None]] = {
    "release: after the state": lambda: killed(Cases, "move", "after"),
    "release: after one delivery": lambda: killed(Deliveries, "insert", "after"),
    "release: after all deliveries": lambda: killed(Deliveries, "insert", "after", 2),
    "release: after the commit": lambda: killed(Connection, "_commit_impl", "after"),
}
LEG: dict[str, Callable[[], None]] = {
    "leg: after one file": lambda: killed(seal, "write", "after"),
    "leg: after one row": lambda: killed(Deliveries, "insert", "after"),
    "leg: before promote": nothing,
    "leg: after promote": nothing,
}
SEND: dict[str, Callable[[], None]] = {
    "send: leased": nothing,
    "send: sending": nothing,
    "send: within done": lambda: killed(Deliveries, "_settle", "before"),
    "send: after done": lambda: killed(Connection, "_commit_impl", "after"),
}
ARM = HOLD | RELEASE | LEG | SEND
DOES = {"hold": hold, "release": release, "leg": leg, "send": send}


async def one(step: str, url: str, folder: Path) -> None:
    store = await Store.open(url, folder / "held", folder / "key")
    kind = step.partition(":")[0]
    if kind in {"hold", "leg"}:
        ARM[step]()
    await DOES[kind](store, step)
    die()


def main() -> None:
    url, folder = sys.argv[1], Path(sys.argv[2])
    for step in ARM:
        child = os.fork()
        if not child:
            try:
                asyncio.run(one(step, url, folder))
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print("died" if died else "failed", step, flush=True)


if __name__ == "__main__":
    main()

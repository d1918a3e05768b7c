"""The nursery: workers are forked, their ends are told, and a nursery that died is replaced."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence

import pytest

from mailguard.daemon.child import Child
from mailguard.daemon.nursery import Newborn, Nursery

PROGRAM = """
import os, signal, socket, sys
from mailguard.daemon.nursery import tend

def work(options):
    control = socket.socket(fileno=int(options[-1]))
    taken = control.recv(100).decode()
    if taken == "raise":
        raise ValueError
    if taken == "look":
        inherited = sorted(os.listdir("/proc/self/fd"))
        links = [os.readlink(f"/proc/self/fd/{fd}") for fd in inherited if os.path.exists(f"/proc/self/fd/{fd}")]
        sockets = sum(link.startswith("socket:") for link in links)
        comm = open("/proc/self/comm").read().strip()
        heeds = [signal.getsignal(n).name for n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
        control.sendall(f"{options[0]} {sockets} {links[0]} {comm} {' '.join(heeds)}".encode())
        return 0
    return int(taken or 99)

raise SystemExit(tend(socket.socket(fileno=int(sys.argv[1])), work))
"""


@pytest.fixture
def nursery() -> Nursery:
    return Nursery([sys.executable, "-c", PROGRAM])


async def bear(nursery: Nursery, options: Sequence[str] = ("--x",)) -> tuple[Newborn, socket.socket]:
    ours, theirs = socket.socketpair()
    with theirs:
        return await nursery.bear(options, theirs), ours


def parent(pid: int) -> int:
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])


async def test_each_worker_has_its_own_channel_and_end(nursery: Nursery) -> None:
    born = [await bear(nursery) for _ in range(3)]
    assert len({parent(newborn.pid) for newborn, _ in born}) == 1
    for number, (_, ours) in enumerate(born):
        with ours:
            ours.sendall(str(number + 5).encode())
    assert [await newborn.ended for newborn, _ in born] == [5, 6, 7]
    nursery.close()


async def test_a_worker_that_was_killed_is_told_by_its_signal(nursery: Nursery) -> None:
    newborn, ours = await bear(nursery)
    with ours:
        newborn.kill()
        assert await newborn.ended == -signal.SIGKILL
        newborn.kill()
    nursery.close()


async def test_a_worker_that_raises_ends_and_does_not_become_a_nursery(nursery: Nursery) -> None:
    newborn, ours = await bear(nursery)
    with ours:
        ours.sendall(b"raise")
        assert await newborn.ended == 1
    nursery.close()


async def test_a_worker_has_nothing_of_the_nursery_or_of_its_sisters(nursery: Nursery) -> None:
    sister, other = await bear(nursery)
    newborn, ours = await bear(nursery, ("first",))
    with ours, other:
        ours.sendall(b"look")
        assert await newborn.ended == 0
        first, sockets, stdin, comm, *heeds = ours.recv(1000).decode().split()
        assert (first, sockets, stdin, comm) == ("first", "1", os.devnull, "mail-worker")
        assert heeds == ["SIG_DFL", "SIG_IGN", "SIG_IGN"]
        sister.kill()
        await sister.ended
    nursery.close()


async def test_a_nursery_that_died_is_replaced_and_its_workers_live_on(nursery: Nursery) -> None:
    old, ours = await bear(nursery)
    os.kill(parent(old.pid), signal.SIGKILL)
    assert await old.ended is None
    new, others = await bear(nursery)
    with ours, others:
        os.kill(old.pid, 0)
        assert parent(new.pid) != parent(old.pid)
        others.sendall(b"3")
        assert await new.ended == 3
        old.kill()
    nursery.close()


async def test_what_cannot_be_started_raises_and_leaves_no_socket() -> None:
    nursery = Nursery([sys.executable, "-c", "raise SystemExit"])
    with pytest.raises(OSError):  # noqa: PT011
        await Child.start(nursery, [])
    nursery.close()


def test_it_forks_before_there_is_a_loop_and_ends_with_its_parent() -> None:
    program = """
import asyncio, socket
from mailguard.daemon.nursery import Nursery
nursery = Nursery([])
nursery.fork(lambda options: len(options))
async def main():
    ours, theirs = socket.socketpair()
    newborn = await nursery.bear(["--x"], theirs)
    return await newborn.ended
print(asyncio.run(main()))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("3\n", "")


async def test_births_that_are_asked_for_at_once_are_not_mixed_up(nursery: Nursery) -> None:
    born = await asyncio.gather(*(bear(nursery) for _ in range(8)))
    assert len({newborn.pid for newborn, _ in born}) == 8
    for number, (_, ours) in enumerate(born):
        with ours:
            ours.sendall(str(number).encode())
    assert [await newborn.ended for newborn, _ in born] == list(range(8))
    nursery.close()

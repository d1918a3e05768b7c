"""Many at once: a next hop that takes its time, a hundred sessions beside twenty, a second worker beside one.

    make bench-crowd      or: .venv/bin/python benchmarks/crowd.py [--runs 3]

1. A next hop answers each mail after a second. So many clients send one mail each at the same moment: the seconds until
   the last has its reply. All above 1.0 is mailguard's and the clients' own.
2. CPU of the gateway's process tree for a mail of 2 KB, sent over 100 sessions at once and over 20.
3. Mails a second with two workers and with one. The sender, the sink and the gateway share the cores: the figure says
   something where there are cores to spare, so the cores that were busy with one worker are shown with it.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench import measure, sinking
from wire import LOADS, sample

import peers

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.soak.far_end import FarEnd
from tests.support.running import mail

CROWD = (1, 20, 100)
SLOW = 1.0


@contextmanager
def slow_hop() -> Iterator[int]:
    """A far end that takes a second for each mail, in a thread of its own."""
    loop, end = asyncio.new_event_loop(), FarEnd(lambda *_: None)
    end.delay = SLOW
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(end.up(), loop).result(10)
    try:
        yield end.port
    finally:
        asyncio.run_coroutine_threadsafe(end.down(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def crowd(port: int, number: int) -> float:
    """Seconds from the first byte of all to the last reply of any."""
    sessions = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(number)))
    for reader, writer in sessions:
        await reader.readline()
        writer.write(b"EHLO crowd.example\r\n")
        while (await reader.readline())[3:4] == b"-":
            pass
    began = time.monotonic()
    codes = await asyncio.gather(*(_send(*session, item) for item, session in enumerate(sessions)))
    took = time.monotonic() - began
    for _, writer in sessions:
        writer.close()
    if set(codes) != {250}:
        raise SystemExit(f"not all were taken: {sorted(set(codes))}")
    return took


async def _send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, item: int) -> int:
    person = f"resident{item}@homemail.example"
    writer.write(f"MAIL FROM:<m.jones@council.example>\r\nRCPT TO:<{person}>\r\nDATA\r\n".encode())
    for _ in range(3):
        await reader.readline()
    writer.write(mail(f"The bins of number {item} are emptied on Friday.", to=person) + b".\r\n")
    return int((await reader.readline())[:3])


def slow(runs: int) -> None:
    """The table of 1."""
    print("| mails at once, next hop answers after 1 s | seconds until the last: median | worst |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as name, slow_hop() as hop, peers.mailguard(hop, Path(name)) as subject:
        time.sleep(2)
        for number in CROWD:
            took = [asyncio.run(crowd(subject.port, number)) for _ in range(runs)]
            print(f"| {number} | {statistics.median(took):.2f} | {max(took):.2f} |", flush=True)


def sessions(runs: int) -> None:
    """The table of 2."""
    with tempfile.TemporaryDirectory() as name, sinking() as sink, peers.mailguard(sink, Path(name)) as subject:
        letter = sample(2048, Path(name))
        loads = [replace(LOADS[key], mails=2000) for key in ("small", "hundred")]
        found: dict[int, list[float]] = {load.sessions: [] for load in loads}
        for _ in range(runs):
            for load in loads:
                found[load.sessions].append(measure(subject, load, load.mails, letter)[1])
    few, many = (statistics.median(found[number]) for number in (20, 100))
    print("\n| sessions | CPU ms a mail | ratio |\n|---|---|---|")
    print(f"| 20 | {few:.2f} | 1.00 |\n| 100 | {many:.2f} | {many / few:.2f} |", flush=True)


def workers(runs: int) -> None:
    """The table of 3."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    busy: dict[int, list[float]] = {1: [], 2: []}
    load = replace(LOADS["kept"], mails=2000)
    with tempfile.TemporaryDirectory() as name, sinking() as sink:
        letter = sample(2048, Path(name))
        with peers.mailguard(sink, Path(name), 1) as one, peers.mailguard(sink, Path(name), 2) as two:
            for _ in range(runs):
                for number, subject in ((1, one), (2, two)):
                    rate, cost = measure(subject, load, load.mails, letter)
                    rates[number].append(rate)
                    busy[number].append(rate * cost / 1000)
    first, second = (statistics.median(rates[number]) for number in (1, 2))
    print("\n| workers | mails a second | ratio | cores of the gateway |\n|---|---|---|---|")
    print(f"| 1 | {first:.0f} | 1.00 | {statistics.median(busy[1]):.2f} |")
    print(f"| 2 | {second:.0f} | {second / first:.2f} | {statistics.median(busy[2]):.2f} |")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tables", default="slow,sessions,workers")
    given = parser.parse_args()
    for name in given.tables.split(","):
        {"slow": slow, "sessions": sessions, "workers": workers}[name](given.runs)


if __name__ == "__main__":
    main()

"""The wire alone: what a mail costs in the front with a flow that passes everything, beside aiosmtpd's own Proxy.

    .venv/bin/python benchmarks/wire.py [--runs 3] [--loads small,kept,...] [--subjects front,proxy] [--profile small]

Postfix's smtp-source sends, its smtp-sink takes; all share this machine's cores. CPU is the subject's own (user and
system, /proc), divided by the mails; subjects alternate within a run and medians are shown. `--profile` prints where
the front's time goes instead.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Load:
    """One way of sending: so many mails of `size` bytes over `sessions` at once."""

    title: str
    size: int
    sessions: int
    mails: int
    kept: bool = False
    few: int = 0  # mails for the slow subject, 0: as many
    unlike: bool = False  # no two alike


LOADS = {
    "small": Load("2 KB, 20 sessions", 2048, 20, 6000, few=2000),
    "unlike": Load("2 KB, no two alike, 20 sessions", 2048, 20, 3000, few=1000, unlike=True),
    "kept": Load("2 KB, kept connections", 2048, 20, 12000, kept=True, few=2000),
    "hundred": Load("2 KB, 100 sessions", 2048, 100, 6000, few=2000),
    "medium": Load("59 KB multipart, 20 sessions", 59_000, 20, 3000, few=600),
    "large": Load("10 MB, 4 sessions", 10_000_000, 4, 40, few=8),
}


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Until something listens."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")


def sample(size: int, folder: Path) -> Path:
    """A mail of about `size` bytes: words, and from 10 KB on a base64 part."""
    dice = random.Random(7)  # noqa: S311
    words = ["the", "council", "road", "meeting", "report", "please", "resident", "thank", "ward", "bin", "light"]
    lines = [
        "From: <cllr@council.example>",
        "To: <resident@example.net>",
        "Subject: Street lights",
        "MIME-Version: 1.0",
    ]
    lines += ["Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain", ""]
    text = size if size < 10_000 else size // 2 if size < 1_000_000 else 4000
    while sum(map(len, lines)) + len(lines) < text - 60:
        lines.append(" ".join(dice.choices(words, k=10)))
    if text < size:
        lines += ["--b", "Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64", ""]
        raw = dice.randbytes((size - text) * 57 // 77)
        lines += base64.encodebytes(raw).decode().splitlines()
    path = folder / f"{size}.eml"
    path.write_text("\n".join([*lines, "--b--", ""]))
    return path


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory(pid: int) -> float:
    """Peak resident MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1000
    return 0.0


def send(port: int, load: Load, mails: int, mail: Path) -> float:
    """Seconds that smtp-source took, or our own source."""
    if load.unlike:
        source = Path(__file__).with_name("source.py")
        command = [sys.executable, str(source), str(port), str(load.sessions), str(mails)]
    else:
        command = ["smtp-source", "-s", str(load.sessions), "-m", str(mails), "-F", str(mail)]
        command += ["-f", "cllr@council.example", "-t", "resident@example.net"]
        command += [*(["-d"] if load.kept else []), f"127.0.0.1:{port}"]
    began = time.monotonic()
    subprocess.run(command, check=True)
    return time.monotonic() - began


async def front(port: int, sink: int) -> None:
    """The subject: mailguard's front, a flow that passes everything with a Received field of its own."""
    from mailguard.mail.reply import Reply
    from mailguard.smtp import trace
    from mailguard.smtp.front import Front
    from mailguard.smtp.hop import HopPool
    from mailguard.smtp.settings import FrontSettings, HopSettings
    from mailguard.smtp.transaction import Transaction

    async def flow(transaction: Transaction) -> Reply:
        message = transaction.message
        if trace.looping(message.head, transaction.envelope, "gate.example", b"key"):
            raise ValueError
        return await transaction.deliver(message.with_field(trace.received(transaction, "gate.example", b"key")))

    settings = FrontSettings(f"127.0.0.1:{port}", "gate.example")
    await Front(settings, HopPool(HopSettings(f"127.0.0.1:{sink}")), flow).start()
    await asyncio.Event().wait()


async def proxy(port: int, sink: int) -> None:
    """The subject for comparison: aiosmtpd with its own Proxy handler."""
    from aiosmtpd.handlers import Proxy
    from aiosmtpd.smtp import SMTP

    loop = asyncio.get_running_loop()
    await loop.create_server(
        lambda: SMTP(Proxy("127.0.0.1", sink), hostname="gate.example", loop=loop), "127.0.0.1", port
    )
    await asyncio.Event().wait()


def subject(name: str, port: int, sink: int, profile: str) -> None:
    """Be a subject, until killed."""
    import uvloop

    serve = {"front": front, "proxy": proxy}[name]
    factory = uvloop.new_event_loop if name == "front" else asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        if not profile:
            runner.run(serve(port, sink))
        import cProfile
        import pstats
        import signal

        collector = cProfile.Profile()

        async def profiled() -> None:
            running = asyncio.create_task(serve(port, sink))
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
            collector.enable()
            await asyncio.wait([running])
            collector.disable()

        runner.run(profiled())
        pstats.Stats(collector).sort_stats("tottime").print_stats(32)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--loads", default="small,kept,hundred,medium,large")
    parser.add_argument("--subjects", default="front,proxy")
    parser.add_argument("--profile", default="")
    parser.add_argument("--be", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.be:
        subject(options.be[0], int(options.be[1]), int(options.be[2]), options.profile)
        return
    names = ["front"] if options.profile else options.subjects.split(",")
    loads = [options.profile] if options.profile else options.loads.split(",")
    sink = free_port()
    processes = [subprocess.Popen(["smtp-sink", "-u", "postfix", f"127.0.0.1:{sink}", "1000"])]
    ports = {name: free_port() for name in names}
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    try:
        wait_for(sink)
        pids: dict[str, int] = {}
        for name, port in ports.items():
            command = [sys.executable, __file__, "--be", name, str(port), str(sink), "--profile", options.profile]
            processes.append(subprocess.Popen(command))
            pids[name] = processes[-1].pid
            wait_for(port)
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(1 if options.profile else options.runs):
                for key in loads:
                    for name in names:
                        load = LOADS[key]
                        mails = load.few if name == "proxy" and load.few else load.mails
                        mail = sample(load.size, Path(folder))
                        before = cpu(pids[name])
                        seconds = send(ports[name], load, mails, mail)
                        used = cpu(pids[name]) - before
                        found.setdefault((key, name), []).append((mails / seconds, used / mails * 1000))
        show(loads, names, found, {name: memory(pids[name]) for name in names})
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


def show(
    loads: list[str],
    names: list[str],
    found: dict[tuple[str, str], list[tuple[float, float]]],
    peak: dict[str, float],
) -> None:
    """The table: mails a second and CPU ms a mail, and the ratio of CPU to the first subject's."""
    print(f"| load | {' | '.join(f'{name}: mails/s | CPU ms' for name in names)} | ratio |")
    print("|---|" + "---|" * (2 * len(names) + 1))
    for key in loads:
        cells, costs = [], []
        for name in names:
            rates, cost = zip(*found[key, name], strict=True)
            costs.append(statistics.median(cost))
            cells.append(f"{statistics.median(rates):,.0f} | {costs[-1]:.3f}")
        print(f"| {LOADS[key].title} | {' | '.join(cells)} | {costs[-1] / (costs[0] or 1):.1f} |")
    print("peak resident MB: " + ", ".join(f"{name} {size:.0f}" for name, size in peak.items()))


if __name__ == "__main__":
    main()

"""mailguard beside its peers, in one run on one machine: what a mail costs, how fast, how late, how much memory.

    make bench            or: .venv/bin/python benchmarks/bench.py [--runs 5] [--subjects mailguard,proxy,...]

Postfix's smtp-source sends one mail again and again, as a mailing goes out, and a source of our own mails of which no
two are alike; Postfix's smtp-sink takes them, and all share the machine's cores: above some 8,000 mails a second
compare CPU, not rates. CPU is user and system time of the subject's whole process tree, divided by the mails.
mailguard runs the full `lancashire` preset enforced, with journal and log on. Subjects alternate within a run; medians
are shown, and ratios are what to read: absolute figures are the machine's.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from wire import LOADS, Load, free_port, sample, send, wait_for

import peers
from peers import Subject

MAKERS = {
    "mailguard": peers.mailguard,
    "mailguard2": lambda sink, folder: peers.mailguard(sink, folder, 2),
    "haproxy": peers.haproxy,
    "proxy": peers.proxy,
    "postfix": peers.postfix,
    "rspamd": peers.rspamd,
}
SLOW = {"proxy", "postfix", "rspamd"}
Figures = dict[tuple[str, str], list[tuple[float, float]]]


@contextmanager
def sinking() -> Iterator[int]:
    """The far end."""
    port = free_port()
    process = subprocess.Popen(["smtp-sink", "-u", "postfix", f"127.0.0.1:{port}", "1000"])
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def measure(subject: Subject, load: Load, mails: int, mail: Path) -> tuple[float, float]:
    """Mails a second, and CPU ms of the subject for each."""
    before = subject.cpu()
    seconds = send(subject.port, load, mails, mail)
    settled(subject)
    return mails / seconds, (subject.cpu() - before) / mails * 1000


def settled(subject: Subject) -> None:
    """A queue works on after the last reply: until a second's CPU is next to nothing."""
    for _ in range(60):
        before = subject.cpu()
        time.sleep(0.5)
        if subject.cpu() - before < 0.03:
            return


def latency(subject: Subject, mail: bytes, mails: int = 300) -> tuple[float, float]:
    """p50 and p99 in ms of one session's mails, MAIL to the reply to the dot, one after another."""
    import smtplib

    taken = []
    with smtplib.SMTP("127.0.0.1", subject.port) as client:
        client.ehlo("bench.example")
        for _ in range(mails):
            began = time.perf_counter()
            client.mail("cllr@council.example")
            client.rcpt("resident@example.net")
            client.data(mail)
            taken.append((time.perf_counter() - began) * 1000)
    ordered = sorted(taken)
    return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]


class Peak:
    """The largest proportional set size of a subject while it is watched."""

    def __init__(self, subject: Subject) -> None:
        self._subject, self._end = subject, threading.Event()
        self.megabytes = subject.memory()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.1):
            self.megabytes = max(self.megabytes, self._subject.memory())


def run(names: list[str], loads: list[str], runs: int) -> None:
    """All of it, and the tables."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mailguard-bench-")))
        folder.chmod(0o755)
        sink = stack.enter_context(sinking())
        subjects = [stack.enter_context(MAKERS[name](sink, folder)) for name in names]
        found: Figures = {}
        peaks = {subject.name: 0.0 for subject in subjects}
        for number in range(runs):
            for key in loads:
                load, mail = LOADS[key], sample(LOADS[key].size, folder)
                for name, subject in zip(names, subjects, strict=True):
                    mails = load.few if name in SLOW and load.few else load.mails
                    with Peak(subject) as peak:
                        found.setdefault((key, subject.name), []).append(measure(subject, load, mails, mail))
                    peaks[subject.name] = max(peaks[subject.name], peak.megabytes)
            print(f"run {number + 1} of {runs} done", file=sys.stderr)
        small = sample(2048, folder).read_bytes().replace(b"\n", b"\r\n")
        delays = {subject.name: latency(subject, small) for subject in subjects if subject.name != "Postfix relay"}
        show([subject.name for subject in subjects], loads, found, peaks, delays)


def show(
    names: list[str],
    loads: list[str],
    found: Figures,
    peaks: dict[str, float],
    delays: dict[str, tuple[float, float]],
) -> None:
    """One row a subject: rate and CPU by load, and how much less CPU the first one takes."""
    titles = [LOADS[key].title for key in loads]
    print(f"| mails/s, CPU ms a mail, CPU against {names[0]} | {' | '.join(titles)} | p50, p99 ms | peak MB |")
    print("|---" * (len(loads) + 3) + "|")
    for name in names:
        cells = []
        for key in loads:
            rates, costs = zip(*found[key, name], strict=True)
            base = statistics.median(cost for _, cost in found[key, names[0]]) or 1
            cost = statistics.median(costs)
            cells.append(f"{statistics.median(rates):,.0f}, {cost:.2f}, {cost / base:.1f} x")
        late = "{:.2f}, {:.2f}".format(*delays[name]) if name in delays else ""
        print(f"| {name} | {' | '.join(cells)} | {late} | {peaks[name]:.0f} |")


def main() -> None:
    """Read the options; peers that cannot run here are named and left out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--subjects", default="mailguard,haproxy,proxy,postfix,rspamd")
    parser.add_argument("--loads", default="small,unlike,kept,hundred,medium,large")
    options = parser.parse_args()
    names = []
    for name in options.subjects.split(","):
        if reason := peers.missing(name):
            print(f"left out: {name}: {reason}", file=sys.stderr)
        else:
            names.append(name)
    run(names, options.loads.split(","), options.runs)


if __name__ == "__main__":
    main()

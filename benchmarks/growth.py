"""How the cost of a mail grows: with its size, its recipients, the clauses of the policy and the words of its lists.

    make bench-growth     or: .venv/bin/python benchmarks/growth.py [--sweeps file,text,recipients,clauses,words]

The whole gateway with the preset `lancashire`, one worker; CPU is user and system time of its process tree, idle time's
taken off, divided by the mails. `step` is the cost over that of the line before, `of the size` what it would be at most
if cost grew as the size did. `one more` is what one more unit costs between two lines: where growth is linear it stays
the same or falls. Mails differ from one another. The quietest of the rounds is shown.
"""

from __future__ import annotations

import argparse
import random
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import sinking
from path import FROM, Mails, crlf

import peers
from peers import Subject

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
RECIPIENTS = (1, 10, 100, 1_000)
RULES = (10, 100, 1_000, 5_000)
ROOM = '[limits]\nmessage = "150MB"\nrecipients = 2000\n'
ENOUGH = 0.6
"""Seconds of CPU a figure is taken from, or so many mails."""
MOST = 400
BLOCK = 500_000
LISTS = Path(__file__).parents[1] / "config" / "words"


class Client:
    """One kept session."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 300)
        self._heard = self._socket.makefile("rb")
        self._reply()
        self._say(b"EHLO growth.example\r\n")

    def send(self, recipients: list[str], data: bytes) -> int:
        """The code of the last reply."""
        lines = [f"MAIL FROM:<{FROM}>", *(f"RCPT TO:<{item}>" for item in recipients), "DATA", ""]
        self._socket.sendall("\r\n".join(lines).encode())
        codes = [self._reply() for _ in lines[:-1]]
        if codes[-1] != 354:
            raise SystemExit(f"refused before the mail: {codes}")
        self._socket.sendall(data + b".\r\n")
        return self._reply()

    def _say(self, line: bytes) -> None:
        self._socket.sendall(line)
        self._reply()

    def _reply(self) -> int:
        while True:
            line = self._heard.readline()
            if not line:
                raise SystemExit("the gateway ended the session")
            if line[3:4] != b"-":
                return int(line[:3])

    def close(self) -> None:
        """Leave."""
        self._say(b"QUIT\r\n")
        self._heard.close()
        self._socket.close()


@dataclass(frozen=True)
class Sweep:
    """One thing that grows: its values, and how a mail and the gateway's configuration are made from one."""

    title: str
    unit: str
    per: int
    values: tuple[int, ...]
    mail: Callable[[Mails, int], tuple[list[str], bytes]]
    more: Callable[[int, Path], str] | None = None
    """A gateway for each value; None: one for all."""


def attached(mails: Mails, size: int) -> tuple[list[str], bytes]:
    """Nearly all of it one file."""
    if size <= BLOCK * 4:
        return one(mails), mails.attached(min(600, size // 3), max(100, size * 57 // 79 - 1500))
    head, _, rest = mails.attached(600, BLOCK).partition(b"\r\n\r\n")
    start, line, tail = rest.partition(b"\r\n\r\n--m\r\nContent-Type: application")
    fields, blank, file = (line + tail).rpartition(b"--m--")[0].partition(b'"survey.dat"\r\n\r\n')
    return one(mails), b"".join([head, b"\r\n\r\n", start, fields, blank, file * (size // len(file)), b"--m--\r\n"])


def text(mails: Mails, size: int) -> tuple[list[str], bytes]:
    """All of it text that is judged."""
    block = crlf(mails.text(min(size, BLOCK) - 400))
    head = crlf([*mails.head("text/plain; charset=utf-8"), ""])
    return one(mails), head + block * max(1, size // len(block))


def one(_: Mails) -> list[str]:
    """A single recipient."""
    return ["resident@homemail.example"]


def many(mails: Mails, number: int) -> tuple[list[str], bytes]:
    """2 KB of text to so many, all named in its To field."""
    people = [f"resident{item}@homemail.example" for item in range(number)]
    head = [line for line in mails.head("text/plain; charset=utf-8") if not line.startswith("To: ")]
    to = ["To: " + ",\r\n ".join(people)]
    return people, crlf([*head[:3], *to, *head[3:], "", *mails.text(1450)])


def small(mails: Mails, _: int) -> tuple[list[str], bytes]:
    """2 KB of text to one."""
    return one(mails), mails.plain()


def clauses(number: int, _: Path) -> str:
    """So many clauses of the operator's own, each about account numbers, which these mails do not hold."""
    return "".join(
        f'[[clause]]\nid = "OWN-{item}"\ncites = "Standing order {item}"\nwhat = {{ rule = "iban", leaving = true }}\n'
        f'do = "hold"\nsay = "The mail holds an account number."\n'
        for item in range(number)
    )


def words(number: int, folder: Path) -> str:
    """The list of slogans with so many more of three words."""
    dice, letters = random.Random(number), "abcdefghijklmnoprstuvwy"  # noqa: S311
    made = (" ".join("".join(dice.choices(letters, k=dice.randint(3, 9))) for _ in range(3)) for _ in range(number))
    (folder / "words").mkdir()
    ours = (LISTS / "slogans.txt").read_text("utf-8")
    (folder / "words" / "slogans.txt").write_text(ours + "".join(f"{line}\n" for line in made), "utf-8")
    return f'[words]\nfolder = "{folder / "words"}"\n'


SWEEPS = {
    "file": Sweep("size, an attached file", "KB", 1000, SIZES, attached),
    "text": Sweep("size, text", "KB", 1000, SIZES, text),
    "recipients": Sweep("recipients", "recipient", 1, RECIPIENTS, many),
    "clauses": Sweep("clauses", "clause", 1, RULES, small, clauses),
    "words": Sweep("words and phrases of one list", "phrase", 1, RULES, small, words),
}


@contextmanager
def gateway(sink: int, more: str) -> Iterator[tuple[Subject, float]]:
    """A gateway of its own, and how long it took to start. Everything is judged and nothing is kept back."""
    with tempfile.TemporaryDirectory(prefix="mailguard-growth-") as name:
        began = time.monotonic()
        with peers.mailguard(sink, Path(name), 1, ROOM + more, mode="observe") as subject:
            took = time.monotonic() - began
            time.sleep(3)
            yield subject, took


def cost(subject: Subject, mail: Callable[[], tuple[list[str], bytes]], idle: float) -> tuple[float, int, int]:
    """CPU ms a mail, the last reply's code, and how many were sent."""
    client = Client(subject.port)
    client.send(*mail())
    began, before, sent = time.monotonic(), subject.cpu(), 0
    used, code = 0.0, 0
    while sent < MOST and (used < ENOUGH or sent < 2):
        recipients, data = mail()
        code = client.send(recipients, data)
        sent += 1
        used = subject.cpu() - before
    client.close()
    time.sleep(0.3)  # the journal's last rows
    used = subject.cpu() - before - idle * (time.monotonic() - began)
    return used / sent * 1000, code, sent


def idle_share(subject: Subject) -> float:
    """Seconds of CPU a second when no mail comes."""
    before = subject.cpu()
    time.sleep(4)
    return (subject.cpu() - before) / 4


def lines(sweep: Sweep, sink: int, rounds: int, most: int) -> Iterator[tuple[int, float, int, int, float]]:
    """Value, CPU ms, reply, mails and the seconds to start, for each value of a sweep."""
    mails, values = Mails(), [value for value in sweep.values if value <= most]

    def make(value: int) -> Callable[[], tuple[list[str], bytes]]:
        return lambda: sweep.mail(mails, value)

    if sweep.more is None:
        with gateway(sink, "") as (subject, took):
            idle = idle_share(subject)
            for value in values:
                yield value, *min(cost(subject, make(value), idle) for _ in range(rounds)), took
        return
    for value in values:
        with tempfile.TemporaryDirectory() as name, gateway(sink, sweep.more(value, Path(name))) as (subject, took):
            idle = idle_share(subject)
            yield value, *min(cost(subject, make(value), idle) for _ in range(rounds)), took


def show(sweep: Sweep, sink: int, rounds: int, most: int) -> None:
    """One sweep's table."""
    more = f"us, one {sweep.unit} more"
    print(f"\n| {sweep.title} | mails | reply | CPU ms a mail | step | of the size | {more} | start s |")
    print("|---" * 8 + "|", flush=True)
    last: tuple[int, float] | None = None
    for value, spent, code, sent, took in lines(sweep, sink, rounds, most):
        step = f"{spent / last[1]:.1f} | {value / last[0]:.0f}" if last else " | "
        more = f"{(spent - last[1]) * 1000 / ((value - last[0]) / sweep.per):.2f}" if last else ""
        print(f"| {value:,} | {sent} | {code} | {spent:,.2f} | {step} | {more} | {took:.1f} |", flush=True)
        last = value, spent


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sweeps", default=",".join(SWEEPS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=10**9, help="leave out values above")
    given = parser.parse_args()
    with sinking() as sink:
        for name in given.sweeps.split(","):
            show(SWEEPS[name], sink, given.rounds, given.most)


if __name__ == "__main__":
    main()

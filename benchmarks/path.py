"""CPU of everything a mail passes between its last byte and its next hop, wire left out, by stage and by rule.

    .venv/bin/python benchmarks/path.py [--preset lancashire] [--rules] [--again] [--profile plain]

The demonstration's council with the named preset, every clause enforced, journal on, log to /dev/null. Mails differ
from one another, so that no cache meets the same text twice. Figures are those of the quietest of the rounds, in
microseconds of this process's CPU a mail (user and system); the CPU of reader processes is a column of its own.
Compare ratios, not machines.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import cProfile
import os
import pstats
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mailguard.actions.handling import Outcome
from mailguard.config import demo_config
from mailguard.counting import Counting
from mailguard.examine import MailMaker, build_examiner, build_register, load_config
from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.message import Message, SpoolBlob
from mailguard.mail.pool import Pool
from mailguard.mail.reader import Reader
from mailguard.mail.reply import Reply
from mailguard.matching.masking import Fingerprints
from mailguard.observe.log import configure
from mailguard.observe.metrics import Metrics
from mailguard.people.head import sender_of
from mailguard.policy.calendar import Calendar
from mailguard.policy.facts import facts_of
from mailguard.record import Passage, Recorder
from mailguard.smtp import trace
from mailguard.store.store import Store

TICK = os.sysconf("SC_CLK_TCK")
SENTENCES = (
    "Thank you for your message about the road works outside the library.",
    "I have asked the highways team to look at the junction, and they will report to me on Friday.",
    "The drop-in session is on Tuesday at six in the village hall, and there is no need to book.",
    "If the surface breaks up again before the winter, please let me know and I will chase it.",
    "The lamp by the bus shelter was mended last week after two residents wrote to me.",
    "I cannot promise a date, since the contractor works through the list by age of report.",
    "My next walk round the estate begins at the school gate at ten.",
    "Please keep the reference of your own report, as the officers will ask for it.",
)
SIGN_OFF = ("Kind regards", "Amara Okoro", "Member for Brook ward")
FROM = "amara.okoro@council.example"


class Mails:
    """Made-up mails of the measured kinds, no two alike."""

    def __init__(self) -> None:
        self._dice = random.Random(7)  # noqa: S311

    def paragraphs(self, size: int) -> list[str]:
        """About `size` characters of a councillor's prose, four sentences a paragraph."""
        made: list[str] = []
        while sum(map(len, made)) < size:
            made.append(" ".join(self._dice.choices(SENTENCES, k=4)))
        made[-1] = made[-1][: max(80, len(made[-1]) - sum(map(len, made)) + size)]
        return made

    def head(self, kind: str) -> list[str]:
        """Header fields as a mail program and its server write them."""
        number = self._dice.randrange(10**9)
        return [
            "Received: from pc.council.example (pc.council.example [192.0.2.1])",
            f"\tby mail.council.example with ESMTPS id {number:x}; Fri, 1 May 2026 12:00:00 +0100",
            f"From: Amara Okoro <{FROM}>",
            "To: Mr Smith <resident@homemail.example>",
            f"Subject: Your enquiry {number % 1000}",
            f"Message-ID: <{number}@council.example>",
            "Date: Fri, 01 May 2026 12:00:00 +0100",
            "MIME-Version: 1.0",
            f"Content-Type: {kind}",
        ]

    def text(self, size: int) -> list[str]:
        """A whole letter in lines."""
        return ["Dear Mr Smith,", "", *(line for item in self.paragraphs(size) for line in (item, "")), *SIGN_OFF]

    def html(self, lines: list[str]) -> list[str]:
        """The same letter as Outlook writes it."""
        style = "<style><!-- p.MsoNormal {margin:0cm; font-size:11.0pt; font-family:Calibri;} --></style>"
        body = [
            f"<p class=MsoNormal><span style='font-size:11.0pt'>{line or '&nbsp;'}<o:p></o:p></span></p>"
            for line in lines
        ]
        return [
            "<html><head>",
            style,
            "</head><body lang=EN-GB><div class=WordSection1>",
            *body,
            "</div></body></html>",
        ]

    def plain(self) -> bytes:
        """2 KB, text/plain."""
        return crlf([*self.head("text/plain; charset=utf-8"), "", *self.text(1450)])

    def both(self) -> bytes:
        """2 KB of text and HTML in alternative."""
        lines = self.text(520)
        return crlf([*self.head('multipart/alternative; boundary="a"'), "", *self.alternative(lines)])

    def alternative(self, lines: list[str]) -> list[str]:
        """The two forms of one letter."""
        plain, html = "Content-Type: text/plain; charset=utf-8", "Content-Type: text/html; charset=utf-8"
        return ["--a", plain, "", *lines, "", "--a", html, "", *self.html(lines), "", "--a--", ""]

    def attached(self, words: int, size: int) -> bytes:
        """Both forms, and `size` bytes of a kind nobody knows."""
        data = self._dice.randbytes(size)
        file = base64.encodebytes(data).decode().splitlines()
        fields = [
            "Content-Type: application/octet-stream",
            "Content-Transfer-Encoding: base64",
            'Content-Disposition: attachment; filename="survey.dat"',
        ]
        start = ["--m", 'Content-Type: multipart/alternative; boundary="a"', ""]
        body = [*start, *self.alternative(self.text(words)), "--m", *fields, "", *file, "--m--"]
        return crlf([*self.head('multipart/mixed; boundary="m"'), "", *body])

    def medium(self) -> bytes:
        """59 KB, of which a file of 30 KB."""
        return self.attached(6600, 30_000)

    def large(self) -> bytes:
        """10 MB, nearly all of it one file."""
        return self.attached(1400, 7_300_000)


KINDS: dict[str, tuple[str, Callable[[Mails], bytes], int]] = {
    "plain": ("2 KB plain", Mails.plain, 300),
    "both": ("2 KB plain and HTML", Mails.both, 300),
    "medium": ("59 KB multipart, 30 KB file", Mails.medium, 60),
    "large": ("10 MB, one file", Mails.large, 2),
}


def batch(made: Mails, kind: str, count: int, again: bool) -> list[bytes]:
    """So many mails of a kind: all different, or one mail again and again, but for its Message-ID."""
    make = KINDS[kind][1]
    if not again:
        return [make(made) for _ in range(count)]
    head, _, body = make(made).partition(b"Message-ID: <")
    return [head + b"Message-ID: <" + str(number).encode() + body for number in range(count)]


def crlf(lines: list[str]) -> bytes:
    """Lines as they travel."""
    return "\r\n".join([*lines, ""]).encode()


def cpu_of(pids: tuple[int, ...]) -> float:
    """Seconds of CPU of other processes."""
    used = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / TICK


class Passing:
    """One configuration's way from the last byte to the record: the gateway's, less wire and actions."""

    def __init__(self, preset: str, folder: Path, store: Store) -> None:
        text = demo_config().read_text()
        lines = [f'preset = "{preset}"' if line.startswith("preset") else line for line in text.splitlines()]
        file = folder / "mailguard.toml"
        file.write_text("\n".join(lines))
        (folder / "members.csv").write_text((demo_config().parent / "members.csv").read_text())
        self.config = load_config(file)
        self.examiner = build_examiner(self.config, Fingerprints(b"k" * 32))
        self.register = build_register(self.config)
        self.make, self.calendar = MailMaker(self.config, self.register), Calendar(self.config.polls)
        self.pool = Pool(self.config.settings.readers.limits)
        self.reader, self.folder, self.store = Reader(self.pool), folder, store
        self.recorder = Recorder(store.journal, Metrics(), configure("info", Path(os.devnull).open("ab", 0)))  # noqa: SIM115
        self.action = ""

    def message(self, data: bytes) -> Message:
        """In memory, or in a spool file where the front would write one."""
        if len(data) <= self.config.settings.readers.limits.inline:
            return Message.of(data)
        path = self.folder / f"{time.monotonic_ns()}.spool"
        path.write_bytes(data)
        return Message(SpoolBlob(path, len(data)))

    async def one(self, message: Message, lap: Callable[[str], None]) -> None:
        """The stages of one mail."""
        identity = f"{time.monotonic_ns():x}"
        envelope = Envelope(FROM, (Recipient("resident@homemail.example"),))
        policy = self.config.policy
        passage = Passage()
        trace.looping(message.head, envelope, "mail.example", b"k")
        sender = sender_of(envelope, message.head, self.register)
        assert sender is not None
        lap("scope")
        contents = await self.reader.read(message, deadline=asyncio.get_running_loop().time() + 60)
        passage.lap("read")
        lap("read")
        passage.mail = mail = self.make(identity, envelope, message, contents, sender)
        lap("make")
        examined = self.examiner.examine(mail)
        passage.lap("examine")
        lap("examine")
        counting = passage.counting = Counting(self.store, mail)
        facts = facts_of(mail, examined.findings, self.calendar.periods(mail.at, sender.member.ward))
        earlier = await counting.mailing(policy, examined, facts)
        lap("counting")
        facts = facts.counted(earlier)
        verdict = policy.decide(examined.findings, examined.exemptions, facts, examined.failed)
        passage.verdict = verdict
        passage.lap("decide")
        await counting.granted(verdict)
        lap("decide")
        await counting.settle(delivered=True)
        lap("counting")
        passage.lap("deliver")
        outcome = Outcome.of_hop(Reply(250, ("2.0.0 Ok",)))
        arrived: Any = _Arrived(identity, envelope, message)
        self.recorder.record(arrived, passage, outcome)
        lap("record")
        self.action = str(verdict.action)


class _Arrived:
    """What the recorder reads of a transaction."""

    def __init__(self, identity: str, envelope: Envelope, message: Message) -> None:
        self.id, self.envelope, self.message = identity, envelope, message


class Laps:
    """CPU between one call and the next, summed by name."""

    def __init__(self) -> None:
        self.sums: dict[str, float] = defaultdict(float)
        self._last = time.process_time()

    def __call__(self, name: str) -> None:
        now = time.process_time()
        self.sums[name] += now - self._last
        self._last = now

    def skip(self) -> None:
        """What was done since the last lap is nobody's."""
        self._last = time.process_time()


async def round_of(path: Passing, mails: list[bytes]) -> dict[str, float]:
    """Microseconds a mail and stage over one round."""
    messages = [path.message(data) for data in mails]
    readers, laps = cpu_of(path.pool.pids), Laps()
    for message in messages:
        await path.one(message, laps)
    laps.skip()
    await path.store.journal.flush()
    laps("journal rows")
    laps.sums["readers"] = cpu_of(path.pool.pids) - readers
    for message in messages:
        message.close()
    return {stage: seconds / len(mails) * 1e6 for stage, seconds in laps.sums.items()}


def nothing(_: str) -> None:
    """A lap that nobody measures."""


def timed(name: str, step: Callable[..., Any], sums: dict[str, float]) -> Callable[..., Any]:
    """`step`, its time kept under `name`; a rule's findings are drawn inside."""

    def run(*given: Any) -> Any:
        start = time.perf_counter()
        try:
            made = step(*given)
            return made if made is None or hasattr(made, "name") else tuple(made)
        finally:
            sums[name] += time.perf_counter() - start

    return run


async def by_rule(path: Passing, mails: list[bytes]) -> dict[str, float]:
    """Microseconds a mail of each rule and defence (wall clock: they do not wait), and of the one pass before them."""
    sums: dict[str, float] = defaultdict(float)
    owners: list[Any] = [*path.examiner.rules, *path.examiner.defences]
    for owner in owners:
        word = "check" if hasattr(owner, "check") else "holds"
        setattr(owner, word, timed(owner.name, getattr(owner, word), sums))
    for data in mails:
        await path.one(path.message(data), nothing)
    for owner in owners:
        delattr(owner, "check" if hasattr(owner, "check") else "holds")
    return {name: seconds / len(mails) * 1e6 for name, seconds in sums.items()}


STAGES = ("scope", "read", "make", "examine", "counting", "decide", "record", "journal rows")


async def measure(chosen: argparse.Namespace) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = await Store.open(f"sqlite:///{folder / 'm.db'}", folder / "held", folder / "key")
        path, made, again = Passing(chosen.preset, folder, store), Mails(), chosen.again
        print(f"{'us of CPU a mail':<30}" + "".join(f"{stage:>13}" for stage in (*STAGES, "all", "readers")))
        for kind, (title, _, count) in KINDS.items():
            if chosen.kinds and kind not in chosen.kinds.split(","):
                continue
            await round_of(path, batch(made, kind, min(count, 20), again))
            rounds = [await round_of(path, batch(made, kind, count, again)) for _ in range(chosen.rounds)]
            best = {stage: min(found[stage] for found in rounds) for stage in rounds[0]}
            total = sum(best[stage] for stage in STAGES)
            cells = [*(best[stage] for stage in STAGES), total, best["readers"]]
            print(f"{title:<30}" + "".join(f"{cell:>13,.0f}" for cell in cells) + f"   {path.action}", flush=True)
            if chosen.rules:
                costs = await by_rule(path, batch(made, kind, count, again))
                dear = sorted(costs.items(), key=lambda item: -item[1])
                print("   " + ", ".join(f"{rule} {cost:.0f}" for rule, cost in dear if cost >= 1), end=" ")
                print(f"(sum of {len(costs)}: {sum(costs.values()):.0f})")
        if chosen.profile:
            mails = batch(made, chosen.profile, KINDS[chosen.profile][2] * 3, again)
            profile = cProfile.Profile()
            profile.enable()
            for data in mails:
                await path.one(path.message(data), nothing)
            profile.disable()
            pstats.Stats(profile).sort_stats(chosen.sort).print_stats(60)
        await path.pool.stop()
        await store.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="lancashire")
    parser.add_argument("--kinds", default="", help=f"of {', '.join(KINDS)}")
    parser.add_argument("--again", action="store_true", help="one mail again and again, as a mailing is sent")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--rules", action="store_true", help="also by rule and defence")
    parser.add_argument("--profile", default="", choices=["", *KINDS])
    parser.add_argument("--sort", default="tottime")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()

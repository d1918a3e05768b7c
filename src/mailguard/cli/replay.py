"""Judges stored mail again, in several processes. Law: memory does not grow with the archive; a stopped run can go on.

A place is one message: a file, or a message of an mbox by its number. Places are judged in heaps; after each
heap the sums are kept, so that a second run with the same file of progress skips what is done.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from mailguard.cli.tally import ClauseHit, Judged, Tally
from mailguard.mail.errors import ConfigError

if TYPE_CHECKING:
    from rich.progress import Progress

    from mailguard.cli.bench import Bench
    from mailguard.judge.parties import Party
    from mailguard.policy.verdict import Hit, Verdict

HEAP = 64
LARGEST = 50_000_000
Place = tuple[str, bytes]
Judge = Callable[[str, bytes], Judged]


def messages(paths: list[Path]) -> Iterator[Place]:
    """Every message with its place: mbox files, Maildirs (cur and new), folders of .eml, single .eml files."""
    for path in paths:
        if path.is_dir():
            files = sorted(item for item in path.rglob("*") if item.is_file() and _is_mail(item))
            for file in files:
                yield str(file), file.read_bytes()
        elif _is_mbox(path):
            for number, data in enumerate(_mbox(path), 1):
                yield f"{path}#{number}", data
        else:
            yield str(path), path.read_bytes()


def _is_mail(path: Path) -> bool:
    return path.suffix == ".eml" or path.parent.name in {"cur", "new"}


def _is_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _mbox(path: Path) -> Iterator[bytes]:
    """Messages of an mbox (RFC 4155), one at a time; a message over LARGEST bytes is cut there."""
    lines: list[bytes] = []
    size, blank, begun = 0, True, False
    with path.open("rb") as file:
        for line in file:
            if blank and line.startswith(b"From "):
                if begun:
                    yield b"".join(lines)
                lines, size, begun = [], 0, True
            elif size < LARGEST:
                kept = line[1:] if line.startswith((b">From ", b">>From ")) else line
                lines.append(kept)
                size += len(kept)
            blank = line in {b"\n", b"\r\n"}
    if begun:
        yield b"".join(lines)


def replay(
    paths: list[Path],
    config: Path | None,
    against: Path | None = None,
    *,
    processes: int = 2,
    resume: Path | None = None,
    bar: bool = False,
) -> Tally:
    """Judge all messages by a configuration, and by another beside it. Raises ConfigError in a worker's stead."""
    make = partial(bench_judge, config, against)
    of = [str(path) for path in (*paths, config, against)]
    return run(messages(paths), make, processes=processes, resume=resume, bar=bar, of=of)


def run(
    places: Iterator[Place],
    make: Callable[[], Judge],
    *,
    processes: int = 2,
    resume: Path | None = None,
    bar: bool = False,
    of: Sequence[str] = (),
) -> Tally:
    """Judge heaps of places with `make()`'s judge, made once a process; add up in order of completion.

    `of` is what is judged by what: progress of another run is not gone on from. Raises ConfigError, OSError.
    """
    tally, done = _resumed(resume, of)
    _keep(resume, tally, done, of)
    rest = islice(places, done, None)
    context = get_context("forkserver")
    with (
        _progress(bar) as progress,
        ProcessPoolExecutor(processes, context, initializer=_start, initargs=(make,)) as pool,
    ):
        task = progress.add_task("messages", total=None, completed=done)
        waiting: dict[Future[list[Judged | None]], int] = {}
        heaps: dict[int, list[Judged | None]] = {}
        number = following = 0
        more = True
        while more or waiting:
            while more and len(waiting) < processes * 2:
                heap = list(islice(rest, HEAP))
                more = len(heap) == HEAP
                if heap:
                    waiting[pool.submit(_judge_heap, heap)] = number
                    number += 1
            finished = wait(waiting, return_when=FIRST_COMPLETED).done if waiting else set()
            heaps |= {waiting.pop(future): future.result() for future in finished}
            while following in heaps:
                judged = heaps.pop(following)
                _count(tally, judged)
                done += len(judged)
                following += 1
                progress.update(task, completed=done)
                _keep(resume, tally, done, of)
    return tally


def _count(tally: Tally, judged: list[Judged | None]) -> None:
    for item in judged:
        if item is None:
            tally.unread()
        else:
            tally.add(item)


def _progress(shown: bool) -> Progress:
    """A bar on standard error, so that standard output stays for the result."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), "{task.description}", MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(file=sys.stderr)
    return Progress(*columns, console=console, disable=not shown or not console.is_terminal)


def _resumed(path: Path | None, of: Sequence[str]) -> tuple[Tally, int]:
    if path is None or not path.exists():
        return Tally(), 0
    try:
        kept = json.loads(path.read_bytes())
        same, tally, done = kept["of"] == list(of), Tally.from_json(kept["tally"]), int(kept["done"])
    except (ValueError, LookupError, TypeError):
        raise ConfigError([f"{path}: is no progress of a backtest; name a new file"]) from None
    if not same:
        raise ConfigError([f"{path}: is the progress of another backtest; name a new file"])
    return tally, done


def _keep(path: Path | None, tally: Tally, done: int, of: Sequence[str]) -> None:
    """Write beside and rename: a run that is killed leaves the last whole state."""
    if path is None:
        return
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps({"of": list(of), "done": done, "tally": tally.as_json()}), "utf-8")
    fresh.replace(path)


_judge: list[Judge] = []


def _start(make: Callable[[], Judge]) -> None:
    """In the worker: make the judge once."""
    _judge[:] = [make()]


def _judge_heap(heap: list[Place]) -> list[Judged | None]:
    """In the worker: None for a message that could not be read or judged."""
    made: list[Judged | None] = []
    for place, data in heap:
        try:
            made.append(_judge[0](place, data))
        except (ValueError, LookupError, OSError):
            made.append(None)
    return made


def bench_judge(config: Path | None, against: Path | None) -> Judge:
    """A judge of one configuration, and of another where one is given."""
    from mailguard.cli.bench import Bench
    from mailguard.examine import load_config
    from mailguard.judge.parties import parties_of

    loaded = load_config(config)
    first = Bench(loaded)
    other = Bench(load_config(against)) if against else None
    named = _names(parties_of(loaded.data.get("parties", {})))

    def judge(place: str, data: bytes) -> Judged:
        begun = time.perf_counter()
        judged = first.judge(data)
        seconds = time.perf_counter() - begun
        verdict = judged.verdict
        return Judged(
            place=place,
            action=str(verdict.action),
            stopped=verdict.action.stops,
            hits=tuple(_hit(hit) for hit in verdict.hits),
            parties=named("\n".join(text.folded for text in judged.contents.texts)),
            group=judged.sender.member.group if judged.sender else "",
            seconds=seconds,
            other=_hits(other, data),
        )

    return judge


def _hits(other: Bench | None, data: bytes) -> tuple[ClauseHit, ...] | None:
    if other is None:
        return None
    verdict: Verdict = other.judge(data).verdict
    return tuple(_hit(hit) for hit in verdict.hits)


def _hit(hit: Hit) -> ClauseHit:
    sample = " ".join(next((item.masked for item in hit.evidence if item.masked), "").split())
    return ClauseHit(hit.clause.id, hit.effective, tuple(item.name for item in hit.defences), sample)


def _names(parties: tuple[Party, ...]) -> Callable[[str], tuple[str, ...]]:
    """Which parties a folded text names, by id; common words among their names are left out."""
    import re2

    from mailguard.rules._political import one_of

    found = [(party.id, re2.compile(one_of((*party.names, *party.nicknames)))) for party in parties]
    return lambda text: tuple(name for name, pattern in found if pattern.search(text))

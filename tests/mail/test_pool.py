"""The pool: what a document can do to its process costs that document alone."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from mailguard.mail.contents import State
from mailguard.mail.limits import Limits, Refused
from mailguard.mail.pool import Pool, Source

PROBE = (sys.executable, "-P", str(Path(__file__).parent / "probe.py"))


def soon(seconds: float = 30) -> float:
    return asyncio.get_running_loop().time() + seconds


@pytest.fixture
async def probe():
    pool = Pool(Limits(seconds=20), command=PROBE)
    yield pool
    await pool.stop()


async def order(pool: Pool, what: str, deadline: float = 30, sign: str = "", limits: Limits | None = None):
    return await pool.read(Source(what.encode()), "a.txt", sign, soon(deadline), limits)


async def until(path: str, there: bool) -> None:
    while os.path.exists(path) is not there:  # noqa: ASYNC110 (another process makes and ends it)
        await asyncio.sleep(0.01)


async def test_a_document_goes_out_and_what_it_says_comes_back():
    pool = Pool()
    try:
        await pool.start()
        document = await pool.read(Source(b"Name,Born\nAnn,1980\n"), "list.csv", "text/csv", soon())
        assert (document.kind, document.state) == ("csv", State.READ)
        assert document.tables[0].rows == (("Name", "Born"), ("Ann", "1980"))
        assert pool.missing_libraries() == ()
    finally:
        await pool.stop()
    assert pool.pids == ()


async def test_a_file_goes_by_its_path(tmp_path):
    path = tmp_path / "spool"
    path.write_bytes(b"skipped Mrs Hughes")
    pool = Pool()
    try:
        document = await pool.read(Source(b"Dear ", path, 8), "a.txt", "", soon())
        assert document.texts[0].content == "Dear Mrs Hughes"
    finally:
        await pool.stop()


async def test_the_process_serves_on_and_retires_after_its_jobs():
    pool = Pool(jobs=2, command=PROBE)
    try:
        seen = [(await order(pool, "who")).why for _ in range(3)]
        assert seen[0] == seen[1] != seen[2]
    finally:
        await pool.stop()


async def test_a_reader_killed_at_work_is_one_broken_document(probe, tmp_path):
    await probe.start()
    (pid,) = probe.pids
    sign = str(tmp_path / "begun")
    work = asyncio.create_task(order(probe, "sleep", sign=sign))
    await until(sign, True)
    os.kill(pid, signal.SIGKILL)
    document = await work
    assert (document.state, document.why) == (State.BROKEN, "the reader process died of it (SIGKILL)")
    assert (await order(probe, "who")).state is State.READ


async def test_a_reader_killed_while_idle_costs_nothing(probe):
    await probe.start()
    (pid,) = probe.pids
    os.kill(pid, signal.SIGKILL)
    await until(f"/proc/{pid}", False)
    assert (await order(probe, "who")).state is State.READ


async def test_a_native_crash_names_its_signal(probe):
    assert (await order(probe, "abort")).why == "the reader process died of it (SIGABRT)"


@pytest.mark.parametrize(("first", "reloaded"), [(1, None), (20, Limits(seconds=1))])
async def test_a_late_document_is_late_and_its_process_ends(first: int, reloaded: Limits | None):
    pool = Pool(Limits(seconds=first), command=PROBE)
    try:
        await pool.start()
        (pid,) = pool.pids
        document = await order(pool, "sleep", limits=reloaded)
        assert (document.state, document.why) == (State.LATE, "was not read within 1 seconds")
        assert pid not in pool.pids
    finally:
        await pool.stop()


async def test_a_spinning_document_is_late():
    pool = Pool(Limits(seconds=1), command=PROBE)
    try:
        assert (await order(pool, "spin")).state is State.LATE
        assert (await order(pool, "who")).state is State.READ
    finally:
        await pool.stop()


async def test_the_kernel_ends_a_process_that_overspends(probe):
    document = await order(probe, "overspend")
    assert document.state is State.LATE
    assert "CPU time" in document.why


async def test_memory_is_limited(probe):
    document = await order(probe, "allocate")
    assert (document.state, document.why) == (State.OVER_LIMIT, "MemoryError")


async def test_no_network_and_no_large_files(probe):
    assert (await order(probe, "network")).why == "PermissionError"
    assert (await order(probe, "file")).why == "OSError"


@pytest.mark.parametrize("what", ["garbage", "long", "shape"])
async def test_an_answer_of_another_shape_is_not_believed(probe, what: str):
    document = await order(probe, what)
    assert (document.state, document.why) == (State.BROKEN, "the reader process gave no sensible answer")
    assert (await order(probe, "who")).state is State.READ


async def test_nobody_waits_past_the_deadline_nor_in_a_long_queue():
    pool = Pool(Limits(seconds=20), command=PROBE, waiting=1)
    try:
        await pool.start()
        first = asyncio.create_task(order(pool, "sleep", 3))
        await asyncio.sleep(0)
        second = asyncio.create_task(order(pool, "who", 0.2))
        await asyncio.sleep(0)
        third = await order(pool, "who")
        assert (third.state, third.why) == (State.LATE, "too many documents wait to be read")
        assert (await second).why == "no reader process was free in time"
        assert (await first).state is State.LATE
    finally:
        await pool.stop()


async def test_a_cancelled_reading_frees_its_place(probe):
    await probe.start()
    work = asyncio.create_task(order(probe, "sleep"))
    await asyncio.sleep(0.05)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert (await order(probe, "who")).state is State.READ


async def test_a_process_that_does_not_start_is_said():
    pool = Pool(command=(sys.executable, "-c", "raise SystemExit(3)"))
    try:
        with pytest.raises(Refused):
            await pool.start()
        assert (await order(pool, "who")).why == "no reader process could be started"
    finally:
        await pool.stop()


async def test_the_size_of_the_parent_does_not_retire_a_process():
    ballast = bytearray(450_000_000)
    pool = Pool(command=PROBE)
    try:
        first, second = [(await order(pool, "who")).why for _ in range(2)]
    finally:
        await pool.stop()
    assert first == second
    assert len(ballast) > 400_000_000

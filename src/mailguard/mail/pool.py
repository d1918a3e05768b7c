"""Reader processes: documents go out, what they say comes back. Law: a document may cost its own process, never a mail.

Processes are started by exec, not fork, so that nothing of the mail worker is in them; they are replaced after a
crash, a time-out, or a number of jobs. Nothing they answer is trusted beyond its shape (`readers.codec`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import mailguard
from mailguard.mail.contents import State
from mailguard.mail.limits import Limits, Refused
from mailguard.mail.readers import codec
from mailguard.mail.readers.document import Document
from mailguard.mail.readers.frames import HEADER, request

COMMAND = (sys.executable, "-P", "-m", "mailguard.mail.readers.process")
ANSWER = 64_000_000
STARTING = 30.0
T = TypeVar("T")
_GARBAGE = (ValueError, TypeError, KeyError, RecursionError)
_GONE = (asyncio.IncompleteReadError, BrokenPipeError, ConnectionResetError)


@dataclass(frozen=True)
class Source:
    """Bytes for a reader: `data`, followed by what stands in the file `path` from byte `skip` on, if there is one."""

    data: bytes
    path: Path | None = None
    skip: int = 0


class Pool:
    """At most `processes` readers, each for `jobs` documents; at most `waiting` documents wait for one."""

    def __init__(
        self,
        limits: Limits | None = None,
        processes: int = 1,
        jobs: int = 200,
        waiting: int = 64,
        command: tuple[str, ...] = COMMAND,
    ) -> None:
        self.limits, self._command = limits or Limits(), command
        self._jobs, self._waiting = jobs, waiting
        self._waiters = 0
        self._slots: asyncio.Queue[_Reader | None] = asyncio.Queue()
        self._size = processes
        self._all: set[_Reader] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._missing: tuple[str, ...] = ()
        for _ in range(processes):
            self._slots.put_nowait(None)

    async def start(self) -> None:
        """Start all processes ahead of the first document. Raises Refused where they do not start."""
        for _ in range(self._slots.qsize()):
            reader = self._slots.get_nowait()
            try:
                reader = reader or await self._new()
            finally:
                self._slots.put_nowait(reader)

    async def stop(self) -> None:
        """End all processes; documents that are being read become `broken`."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for reader in list(self._all):
            await self._end(reader)

    def missing_libraries(self) -> tuple[str, ...]:
        """What is not installed and which kinds are unreadable without it, a sentence each; known after `start`."""
        return self._missing

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the readers that live now."""
        return tuple(reader.process.pid for reader in self._all)

    async def read(
        self, source: Source, name: str, declared: str, deadline: float, limits: Limits | None = None
    ) -> Document:
        """Read one document by `deadline` (the event loop's clock). Any fault is the document's state."""
        return await self.document({"job": "document", "name": name, "declared": declared}, source, deadline, limits)

    async def document(
        self, head: dict[str, Any], source: Source, deadline: float, limits: Limits | None = None
    ) -> Document:
        """As `read`, for any job that gives a document."""
        try:
            return codec.decode(await self.ask(head, source, deadline, limits))
        except Refused as refused:
            return Document("", refused.state, refused.why, len(source.data))
        except _GARBAGE:
            return Document("", State.BROKEN, "the reader process gave no sensible answer", len(source.data))

    async def ask(
        self, head: dict[str, Any], source: Source, deadline: float, limits: Limits | None = None
    ) -> dict[str, Any]:
        """One job to one process and its answer. Raises Refused: late, or the process died."""
        if self._waiters >= self._waiting:
            raise Refused(State.LATE, "too many documents wait to be read")
        loop = asyncio.get_running_loop()
        self._waiters += 1
        try:
            async with asyncio.timeout_at(deadline):
                reader = await self._slots.get()
        except TimeoutError:
            raise Refused(State.LATE, "no reader process was free in time") from None
        finally:
            self._waiters -= 1
        limits = limits or self.limits
        seconds = min(limits.seconds, deadline - loop.time())
        try:
            if reader is None or not reader.alive:
                reader = await self._replaced(reader)
            sized = request({**head, "seconds": seconds, **_place(source)}, source.data, limits)
            answer = await self._exchange(reader, sized, source.data, seconds)
        except BaseException:
            if reader is not None:
                await self._end(reader)
            self._refill()
            raise
        reader.jobs += 1
        if answer.get("retire") or reader.jobs >= self._jobs:
            await self._end(reader)
            self._refill()
        else:
            self._slots.put_nowait(reader)
        return answer

    async def _replaced(self, reader: _Reader | None) -> _Reader:
        if reader is not None:
            await self._end(reader)
        return await self._new()

    async def _exchange(self, reader: _Reader, frame: bytes, body: bytes, seconds: float) -> dict[str, Any]:
        try:
            async with asyncio.timeout(seconds):
                reader.send(frame)
                reader.send(body)
                await reader.drain()
                return await reader.receive()
        except TimeoutError:
            raise Refused(State.LATE, f"was not read within {seconds:.0f} seconds") from None
        except _GONE:
            code = await reader.ended()
            if code == -signal.SIGXCPU:
                raise Refused(State.LATE, f"took more than {seconds:.0f} seconds of CPU time") from None
            raise Refused(State.BROKEN, f"the reader process died of it ({_cause(code)})") from None
        except _GARBAGE:
            raise Refused(State.BROKEN, "the reader process gave no sensible answer") from None

    def _refill(self) -> None:
        """Start a new process in the background and free its slot when it is ready."""
        self._keep(self._fill())

    def _keep(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` to its end whatever happens to the caller; `stop` waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _fill(self) -> None:
        reader = None
        try:
            with contextlib.suppress(Refused):
                reader = await self._new()
        finally:
            self._slots.put_nowait(reader)

    async def _new(self) -> _Reader:
        """A new process. A cancelled caller leaves none behind."""
        starting = self._keep(self._begin())
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            self._keep(self._discard(starting))
            raise

    async def _discard(self, starting: asyncio.Task[_Reader]) -> None:
        with contextlib.suppress(Refused):
            await self._end(await starting)

    async def _begin(self) -> _Reader:
        reader = await _Reader.start(self._command, self.limits)
        self._all.add(reader)
        try:
            async with asyncio.timeout(STARTING):
                self._missing = tuple(str(item) for item in (await reader.receive())["missing"])
        except (TimeoutError, *_GONE, *_GARBAGE):
            await self._end(reader)
            raise Refused(State.LATE, "no reader process could be started") from None
        return reader

    async def _end(self, reader: _Reader) -> None:
        self._all.discard(reader)
        reader.kill()
        await reader.ended()


def _place(source: Source) -> dict[str, Any]:
    return {} if source.path is None else {"path": str(source.path), "skip": source.skip}


class _Reader:
    """One process and its pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process, self.jobs = process, 0

    @classmethod
    async def start(cls, command: tuple[str, ...], limits: Limits) -> _Reader:
        root = str(Path(mailguard.__file__).parent.parent)
        process = await asyncio.create_subprocess_exec(
            *command, str(limits.memory),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "PYTHONPATH": root,
                 "OMP_THREAD_LIMIT": "1"},
            cwd="/",
        )  # fmt: skip
        return cls(process)

    @property
    def alive(self) -> bool:
        """Asked of the kernel: asyncio learns of a death only when its loop turns."""
        if self.process.returncode is not None:
            return False
        try:
            return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:
            return False

    def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)

    async def drain(self) -> None:
        assert self.process.stdin is not None
        await self.process.stdin.drain()

    async def receive(self) -> dict[str, Any]:
        """One answer. Raises ValueError for one that is too long or no JSON object, IncompleteReadError at the end."""
        assert self.process.stdout is not None
        length, body = HEADER.unpack(await self.process.stdout.readexactly(HEADER.size))
        if length > ANSWER or body:
            raise ValueError("the answer is too long")
        value = codec.loads(await self.process.stdout.readexactly(length))
        if not isinstance(value, dict):
            raise TypeError("the answer is no object")
        return value

    def kill(self) -> None:
        """End the process and the helpers it started."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    async def ended(self) -> int:
        """Wait for the end; its exit status, negative for a signal."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        with contextlib.suppress(*_GONE):
            await self.process.stdin.wait_closed()
        # Its pipe closes when it has been read to the end.
        while await self.process.stdout.read(HEADER.size << 12):
            pass
        return await self.process.wait()


def _cause(code: int) -> str:
    try:
        return signal.Signals(-code).name if code < 0 else f"exit status {code}"
    except ValueError:
        return f"signal {-code}"

"""The process that mail workers are forked from. Law: it imported all and did nothing: no loop, no thread.

Imported once, the program's pages are shared by supervisor, nursery and every worker; `gc.freeze` keeps the collector
from writing to them. On a SOCK_SEQPACKET pair a packet is one JSON text: a list of options, with the worker's control
descriptor, asks for a worker; `{"pid"}` answers that it lives (0: none could be started), `{"pid", "status"}` tells
that one ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from mailguard.daemon import heap

Be = Callable[[Sequence[str]], int]
"""What a forked worker does with its options; returns its exit status."""

LONGEST = 64 * 1024
PRELOADED = (
    "mailguard.daemon.house",
    "mailguard.daemon.engine",
    "mailguard.daemon.worker",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "aiosqlite",
    "disarm",
)


def preload() -> None:
    """Import all that supervisor and workers need, in one thread (numpy's BLAS starts more unless told)."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for module in PRELOADED:
        importlib.import_module(module)
    from mailguard.defences.registry import defence_classes
    from mailguard.rules.registry import rule_classes

    rule_classes()
    defence_classes()
    gc.collect()
    gc.freeze()
    heap.trim()


class Newborn:
    """A forked worker. `ended` is its exit status (negative: the signal), None where that cannot be known any more."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.ended: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    def kill(self) -> None:
        """End it now."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


class Nursery:
    """The supervisor's end. The first nursery is forked; one that died is replaced by executing `command`."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._sock: socket.socket | None = None
        self._asked: list[asyncio.Future[int]] = []
        self._living: dict[int, Newborn] = {}
        self._lock = asyncio.Lock()
        self._pid = 0

    def fork(self, be: Be) -> None:
        """Start it, before there is a loop or a thread in this process. Raises OSError."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._pid = os.fork()
        if not self._pid:
            ours.close()
            _only(lambda: tend(theirs, be))
        theirs.close()
        self._sock = ours

    async def bear(self, options: Sequence[str], control: socket.socket) -> Newborn:
        """A worker with `options` and `--control-fd`. Raises OSError where none can be started."""
        async with self._lock:
            sock = self._open()
            asked: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            self._asked.append(asked)
            try:
                socket.send_fds(sock, [json.dumps(list(options)).encode()], [control.fileno()])
            except OSError:
                self._lose(sock)
                raise
            pid = await asked
        if pid not in self._living:
            raise ChildProcessError("no process could be started")
        return self._living[pid]

    def close(self) -> None:
        """End it; its workers live on until their own channels close."""
        if self._sock is not None:
            self._lose(self._sock)

    def _open(self) -> socket.socket:
        if self._sock is None:
            self._sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                theirs.set_inheritable(True)
                command = [*self._command, str(theirs.fileno())]
                self._pid = os.posix_spawn(command[0], command, os.environ)
        self._sock.setblocking(False)
        asyncio.get_running_loop().add_reader(self._sock, self._hear, self._sock)
        return self._sock

    def _hear(self, sock: socket.socket) -> None:
        try:
            packet = sock.recv(LONGEST)
        except BlockingIOError:
            return
        except OSError:
            packet = b""
        if not packet:
            self._lose(sock)
            return
        word = json.loads(packet)
        if "status" in word:
            self._living.pop(word["pid"]).ended.set_result(word["status"])
            return
        if word["pid"]:
            self._living[word["pid"]] = Newborn(word["pid"])
        self._answer(word["pid"])

    def _answer(self, pid: int) -> None:
        asked = self._asked.pop(0)
        if not asked.done():
            asked.set_result(pid)

    def _lose(self, sock: socket.socket) -> None:
        """The nursery is gone: nobody will tell how its workers end, but their channels tell that they did."""
        asyncio.get_running_loop().remove_reader(sock)
        sock.close()
        self._sock = None
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        for newborn in self._living.values():
            newborn.ended.set_result(None)
        self._living.clear()
        while self._asked:
            self._answer(0)


def tend(sock: socket.socket, be: Be) -> int:
    """Be the nursery: returns when the other end is closed."""
    _name("mail-nursery")
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):  # it ends with its supervisor, and not before
        signal.signal(number, signal.SIG_IGN)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    with contextlib.suppress(ConnectionError):
        _Tending(sock, be).run()
    return 0


class _Tending:
    """Forks at each request and tells of each end. `living` is process ids by their pidfd."""

    def __init__(self, sock: socket.socket, be: Be) -> None:
        self._sock, self._be = sock, be
        self._living: dict[int, int] = {}
        self._watch = selectors.DefaultSelector()
        self._watch.register(sock, selectors.EVENT_READ)

    def run(self) -> None:
        while True:
            for key, _ in self._watch.select():
                if key.fd in self._living:
                    self._bury(key.fd)
                    continue
                packet, controls, _, _ = socket.recv_fds(self._sock, LONGEST, 1, socket.MSG_CMSG_CLOEXEC)
                if not packet:
                    return
                self._bear(json.loads(packet), controls[0])
                os.close(controls[0])

    def _bear(self, options: list[str], control: int) -> None:
        try:
            pid = os.fork()
        except OSError:
            self._tell(pid=0)
            return
        if not pid:
            self._watch.close()
            for fd in (self._sock.fileno(), *self._living):
                os.close(fd)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            _name("mail-worker")
            _only(lambda: self._be([*options, "--control-fd", str(control)]))
        self._tell(pid=pid)
        watched = os.pidfd_open(pid)
        self._living[watched] = pid
        self._watch.register(watched, selectors.EVENT_READ)

    def _bury(self, watched: int) -> None:
        self._watch.unregister(watched)
        os.close(watched)
        pid, status = os.waitpid(self._living.pop(watched), 0)
        self._tell(pid=pid, status=os.waitstatus_to_exitcode(status))

    def _tell(self, **word: int) -> None:
        self._sock.send(json.dumps(word).encode())


def _only(work: Callable[[], int]) -> NoReturn:
    """End this process with what `work` returns: a forked one must never go on with its parent's business."""
    status = 1
    try:
        status = work()
    except BaseException:  # told as the interpreter would
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _name(name: str) -> None:
    """What `ps -o comm` and `top` show: forked processes have their parent's command line."""
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(name)


def main(arguments: Sequence[str]) -> int:
    """A nursery that was executed: its one argument is the descriptor of its socket."""
    from mailguard.daemon.worker import main as work

    preload()
    return tend(socket.socket(fileno=int(arguments[0])), work)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""A daemon with the real supervisor, workers and channel, and a toy engine: what the process tests start.

`python stub.py daemon FILE` is the supervisor, `python stub.py nursery FD` a nursery that is executed. FILE is TOML:
the operator's least file plus `[stub]`: `policy` (version), `store` (does its probe answer), `refuse` (the worker
cannot start), `one_refuses` (the first worker to make this file does not change), `raises` (the file cannot be loaded).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from structlog.typing import FilteringBoundLogger

from mailguard.config.load import Config
from mailguard.config.settings import Settings
from mailguard.config.values import Address
from mailguard.daemon import worker
from mailguard.daemon.nursery import Nursery, tend
from mailguard.daemon.probes import Probe
from mailguard.daemon.supervisor import Supervisor
from mailguard.mail.errors import ConfigError
from mailguard.mail.people import Council
from mailguard.observe.metrics import Metrics
from mailguard.policy.policy import Policy


def load(path: Path) -> Config:
    """A real Config without presets."""
    data = tomllib.loads(path.read_text())
    stub = data.pop("stub", {})
    if stub.get("raises"):
        raise UnicodeError
    if stub.get("faults"):
        raise ConfigError(list(stub["faults"]))
    settings = Settings.model_validate(data, context={"folder": path.parent})
    policy = Policy("stub", stub.get("policy", "1"), ())
    return Config(path, settings, policy, Council(("council.example",)), (), {}, {}, {}, {"stub": stub})


@dataclass
class Engine:
    """Greets with the policy's version; answers `count` at once, `slow` after a second."""

    metrics: Metrics
    log: FilteringBoundLogger

    async def open(self, config: Config) -> None:
        self.config = config
        if config.data["stub"].get("refuse"):
            raise ConfigError(["stub.toml:1: the engine will not start"])
        self.tasks: set[asyncio.Task[None]] = set()

    async def serve(self, address: Address) -> None:
        self.server = await asyncio.start_server(self.client, address.host, address.port, reuse_port=True)

    async def reload(self, config: Config) -> None:
        if config.data["stub"].get("refuse"):
            raise ConfigError(["stub.toml:1: the engine will not change"])
        if mark := config.data["stub"].get("one_refuses"):
            with contextlib.suppress(FileExistsError):
                Path(mark).touch(exist_ok=False)
                raise ConfigError(["stub.toml:1: one engine will not change"])
        self.config = config

    async def client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.tasks.add(task)
        writer.write(f"220 {self.config.policy.version} {os.getpid()}\r\n".encode())
        while line := await reader.readline():
            if line == b"slow\r\n":
                writer.write(b"150 wait\r\n")
                await asyncio.sleep(1)
            self.metrics.message("pass")
            writer.write(b"250 ok\r\n")
            if line == b"slow\r\n":
                break
        await writer.drain()
        writer.close()
        self.tasks.discard(task)

    async def drain(self, seconds: float) -> None:
        self.server.close()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=seconds)

    async def close(self) -> None: ...


@dataclass
class House:
    config: Config
    metrics: Metrics
    log: Any

    async def open(self) -> None: ...

    async def reload(self, config: Config) -> None:
        self.config = config

    def probes(self) -> dict[str, Probe]:
        async def store() -> bool:
            return bool(self.config.data["stub"].get("store", True))

        return {"store": store}

    async def measure(self) -> None:
        self.metrics.held_messages.set(3)

    def end(self, seconds: float) -> None: ...

    async def close(self) -> None: ...


def work(options: Sequence[str]) -> int:
    return worker.main(options, Engine)


if __name__ == "__main__":
    if sys.argv[1] == "nursery":
        raise SystemExit(tend(socket.socket(fileno=int(sys.argv[2])), work))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nursery = Nursery([sys.executable, __file__, "nursery"])
    nursery.fork(work)
    raise SystemExit(asyncio.run(Supervisor(Path(sys.argv[2]), load, House, nursery).run()))

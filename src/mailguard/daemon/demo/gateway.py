"""The gateway of the demonstration: `mailguard run` as a process of its own. Law: it is the product, not a likeness."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

START = 30.0
STOP = 40.0


class Gateway:
    """A running gateway; its log is read from its standard error and kept in a file."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self._records: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._log = log
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, config: Path, environ: Mapping[str, str], log: Path) -> Gateway:
        """Start, and wait until it takes mail. Raises RuntimeError with what it said instead."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "mailguard", "run", "--config", str(config),
            env={**os.environ, **environ}, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        gateway = cls(process, log)
        if await gateway.next("ready", START) is None:
            await gateway.stop()
            raise RuntimeError(await asyncio.to_thread(log.read_text, "utf-8"))
        return gateway

    async def _read(self) -> None:
        assert self.process.stderr
        with self._log.open("ab", buffering=0) as file:
            async for line in self.process.stderr:
                file.write(line)
                if line.startswith(b"{"):
                    self._records.put_nowait(json.loads(line))
        self._records.put_nowait(None)

    async def next(self, event: str, seconds: float) -> dict[str, Any] | None:
        """The next record of an event; None where the gateway ended or was silent."""
        try:
            async with asyncio.timeout(seconds):
                while record := await self._records.get():
                    if record["event"] == event:
                        return record
        except TimeoutError:
            return None
        return None

    async def stop(self) -> int:
        """Drain; the exit status."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
        await self._reading
        return await self.process.wait()

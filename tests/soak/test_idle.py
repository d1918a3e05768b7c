"""Ten thousand idle connections: refused clearly beyond the limit, while mail, figures and health go on."""

from __future__ import annotations

import asyncio
import resource
import urllib.request
from pathlib import Path

import pytest

from tests.support.running import Running, mail
from tests.support.sink import Sink

MANY, EACH = 10_000, 50
SAID = b"421 4."


async def test_ten_thousand_idle_connections(tmp_path: Path) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < MANY + 500:
        pytest.skip(f"fewer than {MANY + 500} open files are allowed (ulimit -n)")
    with Sink() as hop, Running(tmp_path, hop.port, extra=f"[limits]\nconnections_per_client = {EACH}\n") as gateway:
        writers: list[asyncio.StreamWriter] = []
        greetings: list[bytes] = []

        async def idle() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port, local_addr=("127.0.0.7", 0))
            writers.append(writer)
            greetings.append(await reader.readline())

        for _ in range(MANY // 250):
            await asyncio.gather(*(idle() for _ in range(250)))
        taken = [line for line in greetings if line.startswith(b"220 ")]
        refused = [line for line in greetings if line.startswith(SAID)]
        assert (len(taken), len(refused)) == (EACH, MANY - EACH), greetings[-1]

        def goes_on() -> None:
            code, _ = gateway.send("officer@council.example", ["x@homemail.example"], mail("Hello"))
            assert code == 250
            assert "mailguard_client_refusals_total" in gateway.metrics()
            with urllib.request.urlopen(f"http://127.0.0.1:{gateway.web}/healthz", timeout=10) as answer:
                assert answer.status == 200

        await asyncio.to_thread(goes_on)
        for writer in writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)
        await asyncio.to_thread(goes_on)

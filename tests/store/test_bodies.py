"""Bodies: durable, flat in memory, untouched or refused, and swept where a crash left them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, update

from mailguard.mail.errors import StoreError
from mailguard.mail.message import Message, SpoolBlob
from mailguard.store import schema
from mailguard.store.errors import NotFound, Tampered
from mailguard.store.store import Store
from tests.store.specimens import PLAN, files, message, new_case, new_delivery, noise


def spooled(folder: Path) -> list[Path]:
    return list(folder.glob("*.spool"))


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_small_comes_back_in_memory_large_in_a_spool_file(store: Store, tmp_path: Path) -> None:
    small, large = message(5000), noise(3_000_000)
    one, two = await store.bodies.put(small), await store.bodies.put(large)
    assert one.stored < one.size == small.size
    back = await store.bodies.open(one.id)
    assert (back.blob.path, back.read()) == (None, small.read())
    back = await store.bodies.open(two.id)
    assert isinstance(back.blob, SpoolBlob)
    assert back.blob.path.parent == tmp_path
    assert back.blob.path.stat().st_mode & 0o777 == 0o600
    assert back.read() == large.read()
    back.close()
    assert spooled(tmp_path) == []


async def test_added_fields_are_part_of_what_is_kept(store: Store) -> None:
    sent = message().with_field(b"X-Mailguard-Tag: check\r\n")
    body = await store.bodies.put(sent)
    assert (await store.bodies.open(body.id)).read() == sent.read()


async def test_file_or_row_of_another_does_not_open(store: Store) -> None:
    one, two = await store.bodies.put(message(2000)), await store.bodies.put(message(2000, b"Other words.\r\n"))
    first, second = (store.held / f"{body.id}.sealed" for body in (one, two))
    saved = second.read_bytes()
    second.write_bytes(first.read_bytes())
    with pytest.raises(Tampered):
        await store.bodies.open(two.id)
    second.write_bytes(saved)
    for change in ({"wrapped": one.wrapped}, {"size": two.size + 1}, {"wrapped": two.wrapped[:-1]}, {"wrapped": b""}):
        async with store.database.write() as connection:
            row = update(schema.bodies).where(schema.bodies.c.id == two.id)
            await connection.execute(row.values(**{"wrapped": two.wrapped, "size": two.size} | change))
        with pytest.raises(Tampered, match="key was changed"):
            await store.bodies.open(two.id)


async def test_a_tampered_large_body_leaves_no_spool_file(store: Store, tmp_path: Path) -> None:
    body = await store.bodies.put(noise(3_000_000))
    path = store.held / f"{body.id}.sealed"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(Tampered):
        await store.bodies.open(body.id)
    assert spooled(tmp_path) == []


async def test_a_missing_file_or_row_is_told(store: Store) -> None:
    body = await store.bodies.put(message())
    (store.held / f"{body.id}.sealed").unlink()
    with pytest.raises(NotFound, match="restore it from backup"):
        await store.bodies.open(body.id)
    with pytest.raises(NotFound, match="was deleted"):
        await store.bodies.open("0" * 32)


async def test_no_plain_byte_reaches_the_folder_or_the_database(store: Store, tmp_path: Path) -> None:
    word = b"Unmistakable-4711 "
    await store.hold(new_case(), message(9000, word), plan=PLAN)
    async with store.database.read() as connection:
        tables = [str((await connection.execute(select(table))).all()) for table in schema.metadata.sorted_tables]
    assert not any(word.decode().strip() in table for table in tables)
    assert [path for path in everything(tmp_path) if word.strip() in path.read_bytes()] == []


async def test_the_sweep_takes_what_a_crash_left_and_nothing_else(store: Store, clock) -> None:
    case = await store.hold(new_case(), message(), plan=PLAN)
    [leg] = await store.legs([(new_delivery(), message())])
    alone = await store.bodies.put(message())
    fresh, old, draft = (store.held / name for name in ("f" * 32 + ".sealed", "a" * 32 + ".sealed", "b" * 32 + ".part"))
    foreign = store.held / "README"
    for path in (fresh, old, draft, foreign):
        path.write_bytes(b"x")
    for path in (old, draft, foreign, *(store.held / f"{body}.sealed" for body in (case.body, leg.body, alone.id))):
        os.utime(path, (0, 0))
    clock.forward(minutes=61)
    assert await store.bodies.sweep() == 3
    assert files(store.held) == sorted([f"{case.body}.sealed", f"{leg.body}.sealed", "README", fresh.name])
    assert (await store.bodies.open(case.body)).size == message().size


async def test_the_sweep_passes_over_what_goes_while_it_looks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail is held and sent meanwhile: a draft is renamed, a file unlinked, after it was listed."""
    (store.held / ("a" * 32 + ".part")).write_bytes(b"x")
    stays = store.held / ("b" * 32 + ".part")
    stays.write_bytes(b"x")
    os.utime(stays, (0, 0))
    listed = list(os.scandir(store.held))
    (store.held / ("a" * 32 + ".part")).unlink()
    monkeypatch.setattr(os, "scandir", lambda _: contextlib.nullcontext(listed))
    assert await store.bodies.sweep() == 1


def test_memory_stays_flat(tmp_path: Path) -> None:
    code = """
import asyncio, resource, sys
from pathlib import Path
from mailguard.mail.message import Message, SpoolBlob
from mailguard.store.store import Store
async def main(folder, size):
    store = await Store.open(f"sqlite:///{folder}/db", folder / "held", folder / "key", spool=folder)
    warm = await store.bodies.open((await store.bodies.put(Message.of(b"x" * 3_000_000))).id)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    body = await store.bodies.put(Message(SpoolBlob(folder / "big", size)))
    back = await store.bodies.open(body.id)
    assert back.size == size
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    await store.close()
folder = Path(sys.argv[1])
with (folder / "big").open("wb") as file:
    import os
    piece = os.urandom(1_000_000)
    for _ in range(60):
        file.write(piece)
asyncio.run(main(folder, 60_000_000))
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 12_000, "kilobytes for 60 MB"


async def test_an_empty_message_is_kept_too(store: Store) -> None:
    body = await store.bodies.put(Message.of(b""))
    assert (await store.bodies.open(body.id)).read() == b""


async def test_a_spool_file_cut_short_is_not_kept(store: Store, tmp_path: Path) -> None:
    spool = tmp_path / "short"
    spool.write_bytes(b"x" * 999)
    with pytest.raises(StoreError, match="has not the size"):
        await store.hold(new_case(), Message(SpoolBlob(spool, 1000)), plan=PLAN)
    assert files(store.held) == []
    assert await store.cases.list() == []

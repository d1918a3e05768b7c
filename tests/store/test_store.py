"""A hold is whole and durable or there is nothing of it; a release makes its deliveries in the same breath."""

from __future__ import annotations

import asyncio
import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mailguard.mail.errors import StoreError, StoreFull
from mailguard.store import seal
from mailguard.store.bodies import Bodies
from mailguard.store.cases import Cases
from mailguard.store.errors import NotFound, WrongState
from mailguard.store.store import Leg, Store
from tests.store.specimens import ENVELOPE, PLAN, files, message, new_case, new_delivery


async def test_a_hold_keeps_mail_case_and_plan(store: Store, opened) -> None:
    sent = message(5000)
    case = await store.hold(new_case(), sent, plan=PLAN)
    assert case.number == "2026-000001"
    other = await opened()
    kept = await other.cases.get(case.number)
    assert kept == case
    assert kept.state == "held"
    assert (await other.bodies.open(kept.body)).read() == sent.read()
    await other.close()


async def test_a_hold_fsyncs_file_and_folder_before_its_row(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, insert = os.fsync, Bodies.insert

    def recorded(handle: int) -> None:
        fsync(handle)
        steps.append(os.readlink(f"/proc/self/fd/{handle}"))

    async def inserted(self: Bodies, connection: object, body: object) -> None:
        steps.append("row")
        await insert(self, connection, body)

    monkeypatch.setattr(os, "fsync", recorded)
    monkeypatch.setattr(Bodies, "insert", inserted)
    case = await store.hold(new_case(), message(), plan=PLAN)
    draft, folder, row = steps
    assert draft.startswith(f"{store.held}/{case.body}")
    assert (folder, row) == (str(store.held), "row")


@pytest.mark.parametrize("part", ["insert of body", "insert of case"])
async def test_a_hold_that_fails_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise StoreError("broken")

    owner = Bodies if part == "insert of body" else Cases
    monkeypatch.setattr(owner, "insert", broken)
    with pytest.raises(StoreError, match="broken"):
        await store.hold(new_case(), message(), plan=PLAN)
    monkeypatch.undo()
    assert files(store.held) == []
    assert await store.cases.list() == []
    assert await store.bodies.sweep(0) == 0
    assert (await store.hold(new_case(), message(), plan=PLAN)).number == "2026-000001"


async def test_a_commit_whose_answer_was_lost_is_a_hold(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    write = store.database.write
    lost = []

    class Lost:
        def __init__(self) -> None:
            self.inner = write()

        async def __aenter__(self) -> object:
            return await self.inner.__aenter__()

        async def __aexit__(self, *error: object) -> None:
            await self.inner.__aexit__(*error)
            lost.append(True)
            raise StoreError("connection lost")

    monkeypatch.setattr(store.database, "write", Lost)
    case = await store.hold(new_case(), message(), plan=PLAN)
    assert lost == [True]
    assert (await store.bodies.open(case.body)).read() == message().read()


async def test_a_cancelled_hold_is_whole_or_absent(store: Store) -> None:
    for turns in range(12):
        task = asyncio.ensure_future(store.hold(new_case(mail_id=str(turns)), message(), plan=PLAN))
        for _ in range(turns):
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    cases = await store.cases.list()
    assert files(store.held) == sorted(f"{case.body}.sealed" for case in cases)
    for case in cases:
        assert (await store.bodies.open(case.body)).size == message().size


def test_a_full_folder_says_so_and_leaves_nothing(url: str, tmp_path: Path) -> None:
    # In a process of its own: the limit on file sizes stands for a full disk, and would hold for the whole test run.
    code = """
import asyncio, resource, sys
from pathlib import Path
from mailguard.mail.errors import StoreFull
from mailguard.store.store import Store
from tests.store.specimens import PLAN, message, new_case, noise
async def main(url, folder):
    store = await Store.open(url, folder / "held", folder / "key")
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))
    try:
        await store.hold(new_case(), noise(9_000_000), plan=PLAN)
    except StoreFull:
        print("full", len(list((folder / "held").iterdir())), len(await store.cases.list()))
    case = await store.hold(new_case(), message(), plan=PLAN)
    print(case.number)
    await store.close()
asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
"""
    done = subprocess.run([sys.executable, "-c", code, url, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["full", "0", "0", f"{case_year()}-000001"], done.stderr


def case_year() -> int:
    from datetime import UTC, datetime

    return datetime.now(UTC).year


async def test_a_release_makes_its_deliveries_with_the_state(store: Store) -> None:
    secure = Leg("secure", ENVELOPE)
    case = await store.hold(new_case(), message(), plan=[*PLAN, secure])
    released = await store.release(case.number, "officer", "within the rules")
    assert (released.state, released.reason) == ("released", "within the rules")
    rows = await store.deliveries.list(case.number)
    assert sorted(row.route for row in rows) == ["next_hop", "secure"]
    assert {(row.kind, row.state, row.body) for row in rows} == {("release", "ready", case.body)}
    assert all(row.envelope == ENVELOPE for row in rows)
    with pytest.raises(WrongState, match="is released, not held"):
        await store.release(case.number, "officer", "twice")
    assert len(await store.deliveries.list(case.number)) == 2


async def test_of_two_who_decide_one_is_first(store: Store, opened) -> None:
    case = await store.hold(new_case(), message(), plan=PLAN)
    other = await opened()
    results = await asyncio.gather(
        store.release(case.number, "a", "yes"),
        other.refuse(case.number, "b", "no"),
        other.release(case.number, "c", "yes"),
        store.refuse(case.number, "d", "no"),
        return_exceptions=True,
    )
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert sum(isinstance(result, WrongState) for result in results) == 3
    assert len(await store.cases.history(case.number)) == 2
    await other.close()


async def test_a_release_that_fails_leaves_the_case_held(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await store.hold(new_case(), message(), plan=PLAN)

    async def broken(*_: object) -> None:
        raise StoreError("broken")

    monkeypatch.setattr(store.deliveries, "insert", broken)
    with pytest.raises(StoreError, match="broken"):
        await store.release(case.number, "officer", "")
    assert (await store.cases.get(case.number)).state == "held"
    with pytest.raises(NotFound):
        await store.release("2026-999999", "officer", "")


async def test_what_was_uncertain_is_sent_again_by_a_person_alone(store: Store) -> None:
    case = await store.hold(new_case(), message(), plan=PLAN)
    await store.release(case.number, "officer", "")
    [first] = await store.deliveries.lease("w", 10, 60)
    await store.deliveries.uncertain(first)
    with pytest.raises(WrongState):
        await store.release(case.number, "officer", "")
    await store.release(case.number, "officer", "the hop has no trace of it", again=True)
    [second] = await store.deliveries.lease("w", 10, 60)
    assert second.id != first.id
    await store.deliveries.done(second)
    assert (await store.cases.get(case.number)).state == "delivered"


async def test_legs_that_cannot_all_be_stored_leave_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    write, calls = seal.write, []

    def full(path: Path, *rest: object) -> int:
        calls.append(path)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return write(path, *rest)

    monkeypatch.setattr(seal, "write", full)
    with pytest.raises(StoreFull):
        await store.legs([(new_delivery(), message()), (new_delivery(route="next_hop"), message(3000))])
    assert files(store.held) == []
    assert await store.deliveries.list() == []


async def test_a_message_of_two_legs_is_kept_once(store: Store) -> None:
    sent = message()
    rows = await store.legs([(new_delivery(), sent), (new_delivery(route="b"), sent)])
    assert len(files(store.held)) == 1
    await store.deliveries.promote([row.id for row in rows])
    first, second = await store.deliveries.lease("w", 10, 60)
    await store.deliveries.done(first)
    assert len(files(store.held)) == 1
    await store.deliveries.done(second)
    assert files(store.held) == []


async def test_a_key_is_made_once_with_a_warning(store: Store, opened, tmp_path: Path) -> None:
    key = tmp_path / "mailguard.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.held.stat().st_mode) == 0o700
    assert len(store.warnings) == 1
    assert str(key) in store.warnings[0]
    other = await opened()
    assert other.warnings == []
    assert other.fingerprint_key == store.fingerprint_key
    assert len(store.fingerprint_key) == 32
    await other.close()
    key.chmod(0o644)
    other = await opened()
    assert "chmod 600" in other.warnings[0]
    await other.close()


async def test_a_key_is_never_remade_while_mail_is_held(store: Store, opened, tmp_path: Path) -> None:
    key = tmp_path / "mailguard.key"
    case = await store.hold(new_case(), message(), plan=PLAN)
    secret = key.read_bytes()
    key.unlink()
    with pytest.raises(StoreError, match="restore the file from backup"):
        await opened()
    assert not key.exists()
    key.write_bytes(base64.b64encode(os.urandom(32)) + b"\n")
    key.chmod(0o600)
    with pytest.raises(StoreError, match="add its line"):
        await opened()
    # Rotated: the new key seals, the old one still opens.
    key.write_bytes(key.read_bytes() + secret)
    other = await opened()
    assert other.warnings == []
    assert (await other.bodies.open(case.body)).read() == message().read()
    newer = await other.hold(new_case(), message(), plan=PLAN)
    assert (await other.bodies.get(newer.body)).key_id != (await other.bodies.get(case.body)).key_id
    await other.close()


async def test_gateways_with_two_keys_are_told(store: Store, opened, tmp_path: Path) -> None:
    (tmp_path / "mailguard.key").write_bytes(base64.b64encode(os.urandom(32)))
    other = await opened()
    assert "gateways must share one file" in other.warnings[0]
    await other.close()


async def test_no_key_is_made_unless_asked(opened, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no"):
        await opened(create_key=False)
    assert not (tmp_path / "mailguard.key").exists()


async def test_several_start_at_once(empty: str, tmp_path: Path) -> None:
    starting = (Store.open(empty, tmp_path / "var/held", tmp_path / "etc/key") for _ in range(6))
    stores = await asyncio.gather(*starting)
    assert len({store.fingerprint_key for store in stores}) == 1
    assert sum(len(store.warnings) for store in stores) == 1
    for store in stores:
        await store.close()


async def test_ready_means_database_and_folder(store: Store) -> None:
    assert await store.ready()
    store.held.rmdir()
    assert not await store.ready()

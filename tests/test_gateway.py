"""The flow under faults: what breaks is heard as 4xx, is never passed, and never doubles what was settled."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import sqlite3
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mailguard.actions import hold
from mailguard.actions.handling import Handling, Outcome
from mailguard.config.values import Address
from mailguard.daemon import assembly
from mailguard.examine import Examiner
from mailguard.gateway import ACTIONS, FAULT, LATE, LOST, NO_HOP, NO_ROOM, NO_STORE, Gateway, Runtime, _fault
from mailguard.mail.contents import Contents
from mailguard.mail.errors import HopError, ReplyLost, StoreError, StoreFull
from mailguard.mail.evidence import Finding
from mailguard.mail.mail import Mail
from mailguard.mail.message import Message
from mailguard.mail.pool import Pool
from mailguard.mail.reader import Reader
from mailguard.matching.scan import Scan
from mailguard.notices.compose import Notice, Templates
from mailguard.observe.log import configure
from mailguard.observe.metrics import Metrics
from mailguard.pace import Pace
from mailguard.policy.action import Action
from mailguard.record import Recorder
from mailguard.rules.rule import Options, Rule, Tools
from mailguard.smtp.front import Front
from mailguard.store.store import Store
from tests.support.running import Running, free_port, mail, wait_for
from tests.support.sink import Sink

JONES = "m.jones@council.example"
CLAUSES = """
[[clause]]
id = "OWN-1"
cites = "Our own policy, section 1"
what = { marked = "not_for_publication" }
do = "hold"
say = "Papers not for publication stay inside."
"""
COUNTED = """
[[clause]]
id = "OWN-2"
cites = "Our own policy, section 2"
what = { recipients = { of = "mailing", over = 90 } }
do = "hold"
say = "A mailing to many needs a grant."
"""


class Broken(Rule):
    """Stands in the place of a shipped rule, and raises."""

    name = "mark"
    family = "mark"

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        raise RuntimeError("secret of the mail")


class Stuck(Reader):
    """Never comes back."""

    def __init__(self) -> None:
        pass

    async def read(self, message: Message, *, deadline: float) -> Contents:
        await asyncio.Event().wait()
        raise AssertionError


class Unwritable(Templates):
    def __init__(self) -> None:
        pass

    def text(self, notice: Notice) -> tuple[str, str]:
        raise KeyError("template")


@dataclass
class House:
    gateway: Gateway
    store: Store
    far: Sink
    port: int
    front: Front

    @property
    def runtime(self) -> Runtime:
        return self.gateway.runtime

    @runtime.setter
    def runtime(self, new: Runtime) -> None:
        self.gateway.runtime = new

    def break_rule(self) -> None:
        examiner = self.runtime.examiner
        others = [rule for rule in examiner.rules if rule.name != "mark"]
        self.runtime = replace(
            self.runtime, examiner=Examiner([*others, Broken(Options(), Tools())], examiner.defences)
        )

    async def send(self, data: bytes) -> tuple[int, bytes]:
        def talk() -> tuple[int, bytes]:
            with contextlib.closing(smtplib.SMTP("127.0.0.1", self.port, timeout=30)) as client:
                client.ehlo()
                client.mail(JONES)
                client.rcpt("resident@homemail.example")
                return client.data(data)

        return await asyncio.to_thread(talk)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    with Sink() as far:
        config = assembly.load(Running(tmp_path, far.port, extra=CLAUSES, preset="southampton").config)
        store = await Store.open(config.settings.store.url, config.settings.store.held, config.settings.store.key)
        metrics, pool = Metrics(), Pool(config.settings.readers.limits, 1)
        routes = assembly.routes(config, metrics)
        shared = assembly.services(config, store, routes)
        gateway = Gateway(
            assembly.runtime(config, Reader(pool), shared), Recorder(store.journal, metrics, configure("error"))
        )
        port = free_port()
        settings = assembly.front_settings(config, Address.parse(f"127.0.0.1:{port}"), tmp_path)
        front = Front(settings, routes["next_hop"].hop, gateway.handle)
        await front.start()
        yield House(gateway, store, far, port, front)
        await front.drain(5)
        await pool.stop()
        await routes["next_hop"].hop.close()
        await store.close()


async def test_a_rule_that_raises_defers_the_mail(house: House) -> None:
    house.break_rule()
    code, text = await house.send(mail("Hello"))
    assert code == 451
    assert b"secret" not in text
    assert b"RuntimeError" not in text
    assert house.far.received == []


async def test_a_broken_rule_of_observing_clauses_changes_nothing(house: House) -> None:
    house.break_rule()
    house.runtime = replace(house.runtime, policy=house.runtime.policy.observing())
    assert (await house.send(mail("Hello")))[0] == 250
    assert len(house.far.received) == 1


async def test_a_reader_that_never_answers_costs_the_deadline_and_no_mail(house: House) -> None:
    house.runtime = replace(house.runtime, reader=Stuck(), deadline=0.3)
    assert (await house.send(mail("Hello")))[0] == 451
    assert house.far.received == []


async def test_a_hold_that_cannot_be_stored_is_not_answered_250(house: House) -> None:
    house.store.held.rename(house.store.held.with_name("elsewhere"))
    assert (await house.send(mail("This is not for publication.")))[0] == 451
    assert house.far.received == []
    assert await house.store.cases.list() == []


async def test_a_notice_that_cannot_be_written_leaves_the_hold_as_it_is(house: House) -> None:
    house.runtime = replace(house.runtime, services=replace(house.runtime.services, templates=Unwritable()))
    assert (await house.send(mail("This is not for publication.")))[0] == 250
    assert [case.state for case in await house.store.cases.list()] == ["held"]


async def test_what_is_held_after_the_deadline_is_told_as_held(house: House) -> None:
    """451 would bring the mail a second time, and a second case."""
    house.runtime = replace(house.runtime, deadline=0.3)
    other = sqlite3.connect(house.store.held.parent / "mailguard.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    sending = asyncio.create_task(house.send(mail("This is not for publication.")))
    await asyncio.to_thread(wait_for, lambda: list(house.store.held.glob("*.sealed")))
    await asyncio.sleep(0.5)
    other.rollback()
    other.close()
    assert (await sending)[0] == 250
    assert [case.state for case in await house.store.cases.list()] == ["held"]


async def test_a_drain_that_cuts_what_follows_leaves_the_reply(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    following = asyncio.Event()

    async def for_ever() -> str:
        following.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def hold_on(handling: Handling) -> Outcome:
        return replace(await hold.apply(handling), follow_up=for_ever)

    monkeypatch.setitem(ACTIONS, Action.HOLD, hold_on)  # type: ignore[arg-type]
    sending = asyncio.create_task(house.send(mail("This is not for publication.")))
    await following.wait()
    await house.front.drain(0.1)
    assert (await sending)[0] == 250


async def test_a_count_that_cannot_be_settled_keeps_no_notice_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(mail_id: str) -> None:
        raise StoreFull("no room")

    counted = Running(house.store.held.parent.parent, house.far.port, extra=CLAUSES + COUNTED, preset="southampton")
    config = assembly.load(counted.config)
    house.runtime = replace(house.runtime, policy=config.policy)
    monkeypatch.setattr(house.store.mailings, "cancel", full)
    assert (await house.send(mail("This is not for publication.")))[0] == 250
    assert await house.store.deliveries.counts() == {"notice": 1}


async def test_the_hop_is_not_asked_while_a_mail_is_held(house: House) -> None:
    assert (await house.send(mail("This is not for publication.")))[0] == 250
    assert house.far.received == []
    assert (await house.send(mail("This may be read.")))[0] == 250
    assert len(house.far.received) == 1


async def test_a_member_over_his_limit_is_asked_to_wait(house: House) -> None:
    house.runtime = replace(house.runtime, senders=Pace(1, time.monotonic))
    assert (await house.send(mail("One")))[0] == 250
    assert (await house.send(mail("Two")))[0] == 451
    assert len(house.far.received) == 1


async def test_one_journal_row_a_mail_and_no_content(house: House) -> None:
    await house.send(mail("The secret word is rhubarb."))
    await house.store.journal.flush()
    database = Path(str(house.store.held.parent / "mailguard.db"))
    kept = b"".join(path.read_bytes() for path in database.parent.glob("mailguard.db*"))
    assert b'"pass"' in kept or b"pass" in kept
    for word in (b"rhubarb", b"jones", b"resident@", b"enquiry"):
        assert word not in kept


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (StoreFull(), NO_ROOM),
        (StoreError(), NO_STORE),
        (ReplyLost(), LOST),
        (HopError(), NO_HOP),
        (TimeoutError(), LATE),
        (ValueError("private"), FAULT),
    ],
)
def test_each_fault_has_its_honest_reply(error: Exception, outcome: object) -> None:
    assert _fault(error) is outcome
    assert 400 <= _fault(error).reply.code < 500

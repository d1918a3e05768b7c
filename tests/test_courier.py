"""What was stored is delivered: once, retried, reported, and never given up in silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailguard import courier
from mailguard.actions.handling import Route, Services
from mailguard.config.resources import config_root
from mailguard.courier import LEASE, Courier
from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.errors import StoreFull
from mailguard.mail.message import Message
from mailguard.notices.compose import Templates
from mailguard.observe.log import configure
from mailguard.observe.metrics import Metrics
from mailguard.smtp.hop import HopPool
from mailguard.smtp.settings import HopSettings
from mailguard.store.cases import NewCase
from mailguard.store.deliveries import LEG, NOTICE, Delivery, NewDelivery
from mailguard.store.store import Leg, Store
from tests.peers.next_hop import DROP, STALL, NextHop

MAIL = Message.of(b"From: m@council.example\r\nSubject: Plan\r\n\r\nThe plan.\r\n")
SENDER = "m@council.example"


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Post:
    store: Store
    courier: Courier
    hop: NextHop
    vault: NextHop
    clock: Clock

    async def leg(self, *recipients: Recipient, options: tuple[str, ...] = ()) -> Delivery:
        envelope = Envelope(SENDER, recipients, options)
        return await self.store.send(NewDelivery(kind=LEG, route="secure", envelope=envelope), MAIL)

    async def hold(self, route: str = "next_hop") -> str:
        plan = [Leg(route, Envelope(SENDER, (Recipient("b@out.example"),)))]
        case = await self.store.hold(NewCase(action="hold", state="held", clauses=[], sender=SENDER), MAIL, plan=plan)
        await self.store.release(case.number, "MO", "fine")
        return case.number

    async def state(self, delivery: Delivery) -> str:
        return (await self.store.deliveries.get(delivery.id)).state

    async def later(self, seconds: float = 61) -> None:
        self.clock.now += timedelta(seconds=seconds)
        await self.courier.once()


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    clock = Clock()
    store = await Store.open(f"sqlite:///{tmp_path / 'm.db'}", tmp_path / "held", tmp_path / "key", clock=clock)
    async with NextHop() as hop, NextHop() as vault:
        pools = [HopPool(HopSettings(peer.address, timeout=2.0)) for peer in (hop, vault)]
        services = Services(
            store=store,
            routes={"next_hop": Route("next_hop", pools[0]), "secure": Route("secure", pools[1], "[secure] ")},
            templates=Templates([config_root() / "notices"]),
            hostname="mg.example",
            notices_from="postmaster@council.example",
        )
        yield Post(store, Courier(services, Metrics(), configure("error"), "one"), hop, vault, clock)
        for pool in pools:
            await pool.close()
    await store.close()


B, C = Recipient("b@out.example"), Recipient("c@out.example")


async def test_a_leg_is_delivered_once_and_its_body_forgotten(post: Post) -> None:
    leg = await post.leg(B)
    assert await post.courier.once()
    assert [taken.data for taken in post.vault.taken] == [MAIL.read()]
    assert await post.state(leg) == "done"
    await post.later()
    assert len(post.vault.taken) == 1
    assert list(post.store.held.glob("*.sealed")) == []


async def test_what_is_under_way_at_the_end_is_recorded_and_no_more_is_taken_up(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A leg that the hop has and no row knows of would be sent again at the next start."""
    leg, taken, go = await post.leg(B), asyncio.Event(), asyncio.Event()
    done = post.store.deliveries.done

    async def slowly(delivery: Delivery, reply: str = "", *, then: NewDelivery | None = None) -> None:
        taken.set()
        await go.wait()
        await done(delivery, reply, then=then)

    monkeypatch.setattr(post.store.deliveries, "done", slowly)
    running = asyncio.create_task(post.courier.run())
    await taken.wait()
    later = await post.leg(C)
    post.courier.end()
    assert not (await asyncio.wait([running], timeout=0.1))[0]
    go.set()
    await running
    assert [await post.state(item) for item in (leg, later)] == ["done", "ready"]
    assert len(post.vault.taken) == 1


async def test_what_is_refused_for_now_is_tried_again(post: Post) -> None:
    post.vault.answers["RCPT"] = [b"450 4.2.1 later\r\n"]
    leg = await post.leg(B)
    await post.courier.once()
    assert (await post.state(leg), post.vault.taken) == ("ready", [])
    await post.courier.once()
    assert post.vault.taken == []
    await post.later()
    assert len(post.vault.taken) == 1


async def test_only_the_recipients_left_are_tried_again(post: Post) -> None:
    post.vault.answers["RCPT"] = [b"250 2.1.5 ok\r\n", b"451 4.2.1 later\r\n"]
    await post.leg(B, C)
    await post.courier.once()
    await post.later()
    assert [taken.rcpts for taken in post.vault.taken] == [[b"RCPT TO:<b@out.example>"], [b"RCPT TO:<c@out.example>"]]


async def test_a_refusal_for_good_makes_a_dsn_for_that_recipient(post: Post) -> None:
    post.vault.answers["RCPT"] = [b"250 2.1.5 ok\r\n", b"550 5.1.1 gone\r\n"]
    leg = await post.leg(B, C)
    await post.courier.once()
    await post.later(0)
    (report,) = post.hop.taken
    assert report.mail.startswith(b"MAIL FROM:<> ")
    assert report.rcpts == [f"RCPT TO:<{SENDER}>".encode()]
    assert b"c@out.example" in report.data
    assert b"b@out.example" not in report.data
    assert await post.state(leg) == "done"


async def test_an_expired_leg_makes_a_dsn(post: Post) -> None:
    await post.vault.stop()
    leg = await post.leg(B)
    await post.courier.once()
    await post.later(6 * 86400)
    assert await post.state(leg) == "failed"
    await post.later(0)
    assert b"multipart/report" in post.hop.taken[0].data
    await post.vault.start()


async def test_notify_never_is_heeded(post: Post) -> None:
    post.vault.default["RCPT"] = b"550 5.1.1 gone\r\n"
    await post.leg(Recipient("b@out.example", ("NOTIFY=NEVER",)))
    await post.courier.once()
    await post.later(0)
    assert post.hop.taken == []


async def test_a_release_goes_once_and_settles_its_case(post: Post) -> None:
    number = await post.hold()
    await post.courier.once()
    assert [taken.data for taken in post.hop.taken] == [MAIL.read()]
    assert (await post.store.cases.get(number)).state == "delivered"


async def test_a_release_by_the_secure_route_carries_its_trigger(post: Post) -> None:
    await post.hold("secure")
    await post.courier.once()
    assert b"Subject: [secure] Plan\r\n" in post.vault.taken[0].data


async def test_a_release_whose_final_reply_is_lost_is_for_a_person_to_decide(post: Post) -> None:
    post.hop.answers["message"] = [DROP]
    number = await post.hold()
    await post.courier.once()
    assert (await post.store.cases.get(number)).state == "delivery uncertain"
    await post.later(86400)
    released = [taken for taken in post.hop.taken if b"The plan." in taken.data]
    assert len(released) == 1
    assert any(b"may or may not have arrived" in taken.data for taken in post.hop.taken)


async def test_an_attempt_that_takes_long_keeps_its_lease(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, renewed = asyncio.Event(), asyncio.Event()
    really_open, really_renew = post.store.bodies.open, post.store.deliveries.renew

    async def slowly(body: str) -> Message:
        await go_on.wait()
        return await really_open(body)

    async def renew(delivery: Delivery, seconds: float) -> None:
        await really_renew(delivery, seconds)
        renewed.set()

    monkeypatch.setattr("mailguard.courier.RENEW", 0.01)
    monkeypatch.setattr(post.store.bodies, "open", slowly)
    monkeypatch.setattr(post.store.deliveries, "renew", renew)
    leg = await post.leg(B)
    attempt = asyncio.create_task(post.courier.once())
    for _ in range(4):
        renewed.clear()
        await renewed.wait()
        post.clock.now += timedelta(seconds=LEASE * 0.9)
        assert await post.store.deliveries.lease("another", 10, LEASE) == []
        renewed.clear()
        await renewed.wait()
    go_on.set()
    await attempt
    assert await post.state(leg) == "done"
    assert len(post.vault.taken) == 1


async def test_a_notice_that_is_refused_makes_no_dsn(post: Post) -> None:
    post.hop.default["RCPT"] = b"550 5.1.1 gone\r\n"
    envelope = Envelope("", (Recipient(SENDER),))
    notice = await post.store.send(NewDelivery(kind=NOTICE, route="next_hop", envelope=envelope), MAIL)
    await post.courier.once()
    assert await post.state(notice) == "failed"
    assert await post.store.deliveries.counts() == {}


async def test_a_tampered_body_is_never_sent(post: Post) -> None:
    leg = await post.leg(B)
    (sealed,) = post.store.held.glob("*.sealed")
    data = bytearray(sealed.read_bytes())
    data[-1] ^= 1
    sealed.write_bytes(data)
    await post.courier.once()
    assert (await post.state(leg), post.vault.taken) == ("failed", [])


async def test_a_route_that_is_no_longer_configured_waits(post: Post) -> None:
    envelope = Envelope(SENDER, (B,))
    leg = await post.store.send(NewDelivery(kind=LEG, route="gone", envelope=envelope), MAIL)
    await post.courier.once()
    assert await post.state(leg) == "ready"


async def test_the_figures_of_the_store_are_set(post: Post) -> None:
    case = NewCase(action="hold", state="held", clauses=[])
    await post.store.hold(case, MAIL, plan=[Leg("next_hop", Envelope(SENDER, (B,)))])
    post.clock.now -= timedelta(seconds=0)
    await post.courier.once()
    metrics = post.courier._metrics
    assert metrics.registry.get_sample_value("mailguard_held_messages") == 1.0
    assert metrics.registry.get_sample_value("mailguard_deliveries_waiting", {"kind": "leg"}) == 0.0


async def test_a_hop_without_dsn_gets_none_and_success_is_told_relayed(post: Post) -> None:
    post.vault.offers = ("PIPELINING", "8BITMIME")
    await post.leg(Recipient("b@out.example", ("NOTIFY=SUCCESS",)), C)
    await post.courier.once()
    assert post.vault.taken[0].rcpts == [b"RCPT TO:<b@out.example>", b"RCPT TO:<c@out.example>"]
    await post.later(0)
    (report,) = post.hop.taken
    assert b"Action: relayed" in report.data
    assert b"c@out.example" not in report.data


def without_room_twice(post: Post, step: str, monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """The store has room for this step of its deliveries from the third time on; grows each time it is asked."""
    real, asked = getattr(post.store.deliveries, step), list[None]()

    async def full(*given: object, **more: object) -> None:
        asked.append(None)
        if len(asked) < 3:
            raise StoreFull("no room")
        await real(*given, **more)

    monkeypatch.setattr(courier, "PAUSE", 0.01)
    monkeypatch.setattr(post.store.deliveries, step, full)
    return asked


async def test_what_the_hop_took_is_recorded_once_the_store_answers_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = await post.leg(Recipient("b@out.example"))
    asked = without_room_twice(post, "done", monkeypatch)
    await post.courier.once()
    assert (await post.state(delivery), len(asked), len(post.vault.taken)) == ("done", 3, 1)
    await post.later(LEASE + 1)
    assert len(post.vault.taken) == 1


async def test_recipients_left_are_recorded_once_the_store_answers_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one recipient got must not go to him again because another was refused for now."""
    without_room_twice(post, "retry", monkeypatch)
    post.vault.answers["RCPT"] = [b"250 2.1.5 ok\r\n", b"451 4.2.1 later\r\n"]
    await post.leg(B, C)
    await post.courier.once()
    await post.later(61)
    assert [taken.rcpts for taken in post.vault.taken] == [[b"RCPT TO:<b@out.example>"], [b"RCPT TO:<c@out.example>"]]


async def test_success_is_told_relayed_though_another_is_refused_for_now(post: Post) -> None:
    post.vault.offers = ("PIPELINING", "8BITMIME")
    post.vault.answers["RCPT"] = [b"250 2.1.5 ok\r\n", b"451 4.2.1 later\r\n"]
    await post.leg(Recipient("b@out.example", ("NOTIFY=SUCCESS",)), C)
    await post.courier.once()
    await post.later(0)
    assert [b"Action: relayed" in report.data for report in post.hop.taken] == [True]


async def test_a_hop_that_never_ends_is_tried_again_later_and_not_for_ever(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "ATTEMPT", 0.1)
    post.vault.default["message"] = STALL
    leg = await post.leg(B)
    await post.courier.once()
    kept = await post.store.deliveries.get(leg.id)
    assert (kept.state, kept.lease, kept.due > post.clock.now) == ("ready", None, True)
    await post.later(6 * 86400)
    assert await post.state(leg) == "failed"


async def test_a_release_to_a_hop_that_never_ends_is_for_a_person_to_decide(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "ATTEMPT", 0.1)
    post.hop.answers["message"] = [STALL]
    number = await post.hold()
    await post.courier.once()
    assert (await post.store.cases.get(number)).state == "delivery uncertain"


async def test_a_route_that_a_reload_takes_away_meanwhile_doubles_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def reloaded(_: Delivery) -> None:
        post.courier.services = replace(post.courier.services, routes={})

    monkeypatch.setattr(post.store.deliveries, "sending", reloaded)
    leg = await post.leg(B)
    await post.courier.once()
    assert (await post.state(leg), len(post.vault.taken)) == ("done", 1)

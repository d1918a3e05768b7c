"""Each action as its users see it: a real gateway process, a real SMTP client, real far ends."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.running import Running, mail, wait_for
from tests.support.sink import Sink

JONES = "m.jones@council.example"
FRIENDS = [f"friend{number}@homemail.example" for number in range(1, 8)]
PARTY = (
    "Hi all,\n\nfancy coming round on Saturday for my birthday? Bring the kids, there will be cake.\n\nLove, Mary xx"
)
NHS = "Dear colleague,\n\nPatient: Mrs Ann Smith, NHS number 943 476 5919, date of birth 14/02/1951.\n\nRegards"
LEAFLET = (
    "Vote for Mary Jones on Thursday! Only we can beat them here. Join our campaign, deliver leaflets with us and\n"
    "help us win this seat.\n\nPromoted by A Agent, 1 High Street, Example, on behalf of Mary Jones, same address."
)
BLOCKING = """
[[clause]]
id = "OWN-1"
cites = "Our own policy, section 1"
what = { marked = "not_for_publication" }
do = "block"
say = "Papers not for publication stay inside."
[[clause]]
id = "OWN-2"
cites = "Our own policy, section 2"
what = { rule = "mark", kind = "secure", external = true }
do = "tag"
tag = "secure"
say = "The sender asked for encryption."
"""


@pytest.fixture
def far() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def vault() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def gateway(tmp_path: Path, far: Sink, vault: Sink) -> Iterator[Running]:
    with Running(tmp_path, far.port, vault.port, extra=BLOCKING) as running:
        yield running


def originals(sink: Sink) -> list[bytes]:
    """What arrived, less our own trace field, notices left out."""
    return [received.data for received in sink.received if received.sender]


def without_trace(data: bytes) -> bytes:
    found = re.match(rb"Received: from .*?\r\n(?=\S)", data, re.S)
    assert found, data[:200]
    return data[found.end() :]


def test_a_mail_that_is_not_a_members_passes_untouched(gateway: Running, far: Sink) -> None:
    data = mail(LEAFLET, sender="officer@council.example")
    assert gateway.send("officer@council.example", FRIENDS, data)[0] == 250
    assert without_trace(far.received[0].data) == data
    assert gateway.cases() == []


def test_casework_passes_with_its_bytes_and_the_hops_own_reply(gateway: Running, far: Sink) -> None:
    data = mail("Dear Mr Smith,\n\nthe bins will be emptied on Friday. I have asked the team to look.\n\nMary Jones")
    assert gateway.send(JONES, [FRIENDS[0]], data) == (250, b"2.0.0 Taken by the sink")
    assert without_trace(far.received[0].data) == data
    far.data_reply = "554-5.7.0 Not here\r\n554 5.7.0 and not there"
    assert gateway.send(JONES, [FRIENDS[0]], data) == (554, b"5.7.0 Not here\n5.7.0 and not there")


def test_a_blocked_mail_is_refused_with_its_case(gateway: Running, far: Sink) -> None:
    code, text = gateway.send(JONES, [FRIENDS[0]], mail("This is not for publication.", subject="Draft"))
    assert code == 550
    assert text.startswith(b"5.7.1 Not sent: Papers not for publication stay inside. Case 20")
    assert far.received == []
    (case,) = gateway.cases()
    assert (case["state"], case["action"], case["clauses"]) == ("blocked", "block", ["OWN-1"])
    assert case["number"].encode() in text


def test_a_confirmation_that_is_no_longer_needed_is_taken_out_too(gateway: Running, far: Sink) -> None:
    """To five of the six the clause is not met any more, and the mark is nobody's business."""
    six, five = FRIENDS[:6], FRIENDS[:5]
    _, text = gateway.send(JONES, six, mail(PARTY, to=", ".join(six), subject="My birthday"))
    token = re.search(rb"\[confirm [A-Z0-9]{10}\]", text)
    assert token, text
    again = mail(PARTY, to=", ".join(five), subject=f"{token.group().decode()} My birthday")
    assert gateway.send(JONES, five, again)[0] == 250
    assert b"Subject: My birthday\r\n" in far.received[0].data
    assert gateway.cases()[0]["state"] == "confirmed"


def test_a_list_over_five_is_warned_once_and_confirmed_once(gateway: Running, far: Sink) -> None:
    six = FRIENDS[:6]
    code, text = gateway.send(JONES, six, mail(PARTY, to=", ".join(six), subject="My birthday"))
    assert code == 550
    token = re.search(rb"\[confirm [A-Z0-9]{10}\]", text)
    assert token, text
    assert far.received == []
    again = mail(PARTY, to=", ".join(six), subject=f"{token.group().decode()} My birthday")
    assert gateway.send(JONES, six, again)[0] == 250
    assert b"Subject: My birthday\r\n" in far.received[0].data
    assert far.received[0].recipients == six
    assert gateway.cases()[0]["state"] == "confirmed"
    assert gateway.send(JONES, six, again)[0] == 550


def test_five_friends_pass_and_a_mailing_split_in_two_is_one(gateway: Running, far: Sink) -> None:
    five = FRIENDS[:5]
    assert gateway.send(JONES, five, mail(PARTY, to="Friends: ;"))[0] == 250
    assert gateway.send(JONES, FRIENDS[5:6], mail(PARTY, to="Friends: ;"))[0] == 550


def test_a_held_mail_is_released_once_with_its_bytes(gateway: Running, far: Sink) -> None:
    data = mail(LEAFLET, subject="Thursday")
    code, text = gateway.send(JONES, FRIENDS[:2], data)
    assert (code, originals(far)) == (250, [])
    (case,) = gateway.cases()
    assert case["state"] == "held"
    assert case["number"].encode() in text
    notice = wait_for(lambda: [item for item in far.received if not item.sender])[0]
    assert notice.recipients == [JONES]
    assert b"Auto-Submitted: auto-replied" in notice.data
    assert b"Thursday" not in notice.head
    assert gateway.command("cases", "release", case["number"], "--by", "MO", "--reason", "fine").returncode == 0
    released = wait_for(lambda: originals(far))[0]
    assert without_trace(released) == data
    assert gateway.send(JONES, FRIENDS[:2], released)[0] == 554, "what was released and comes round again is a loop"
    wait_for(lambda: gateway.cases()[0]["state"] == "delivered")
    time.sleep(2)
    assert len(originals(far)) == 1
    assert gateway.command("cases", "release", case["number"], "--by", "MO", "--reason", "again").returncode != 0


def without_trace_or_all(data: bytes) -> bytes:
    return without_trace(data) if data.startswith(b"Received: ") else data


def test_a_held_mail_outlives_a_crash(gateway: Running, far: Sink) -> None:
    data = mail(LEAFLET)
    assert gateway.send(JONES, FRIENDS[:1], data)[0] == 250
    gateway.kill()
    number = gateway.cases()[0]["number"]
    assert gateway.command("cases", "release", number, "--by", "MO", "--reason", "fine").returncode == 0
    gateway.start()
    assert without_trace(wait_for(lambda: originals(far))[0]) == data


def test_personal_data_leaves_by_the_secure_route_alone(gateway: Running, far: Sink, vault: Sink) -> None:
    data = mail(NHS, to=f"gp@surgery.example, {FRIENDS[0]}")
    assert gateway.send(JONES, ["gp@surgery.example"], data)[0] == 250
    assert originals(far) == []
    assert vault.received[0].recipients == ["gp@surgery.example"]
    assert b"Subject: [secure] Your enquiry\r\n" in vault.received[0].data
    assert vault.received[0].body == data.partition(b"\r\n\r\n")[2]
    notice = wait_for(lambda: [item for item in far.received if not item.sender])[0]
    assert notice.recipients == [JONES]


def test_inside_and_outside_get_a_leg_each(gateway: Running, far: Sink, vault: Sink) -> None:
    data = mail(NHS, to="gp@surgery.example, a.khan@council.example")
    everyone = ["gp@surgery.example", "a.khan@council.example", "ward@nhs.example"]
    assert gateway.send(JONES, everyone, data)[0] == 250
    wait_for(lambda: vault.received)
    assert vault.received[0].recipients == ["gp@surgery.example"]
    plain = next(item for item in far.received if item.sender)
    assert plain.recipients == ["a.khan@council.example", "ward@nhs.example"]
    assert without_trace(plain.data) == data


def test_a_refused_first_leg_takes_the_second_with_it(gateway: Running, far: Sink, vault: Sink) -> None:
    far.data_reply = "554 5.7.0 Not today"
    everyone = ["gp@surgery.example", "a.khan@council.example"]
    assert gateway.send(JONES, everyone, mail(NHS, to=", ".join(everyone))) == (554, b"5.7.0 Not today")
    time.sleep(3)
    assert vault.received == []


def test_a_leg_refused_for_good_makes_a_dsn(gateway: Running, far: Sink, vault: Sink) -> None:
    vault.refuse["gp@surgery.example"] = "550 5.1.1 No such surgery"
    everyone = ["gp@surgery.example", "a.khan@council.example"]
    assert gateway.send(JONES, everyone, mail(NHS, to=", ".join(everyone)))[0] == 250
    report = wait_for(lambda: [item for item in far.received if b"multipart/report" in item.data])[0]
    assert (report.sender, report.recipients) == ("", [JONES])
    assert b"5.1.1 No such surgery" in report.data


def test_the_secure_route_answers_where_nobody_is_inside(gateway: Running, vault: Sink) -> None:
    vault.data_reply = "552 5.3.4 Too big for the vault"
    assert gateway.send(JONES, ["gp@surgery.example"], mail(NHS)) == (552, b"5.3.4 Too big for the vault")


def test_a_tagged_mail_carries_a_neutral_word(gateway: Running, far: Sink, vault: Sink) -> None:
    data = mail("The plan as we said.", subject="[secure] Plan", to="x@nhs.example")
    assert gateway.send(JONES, ["x@nhs.example"], data)[0] == 250
    assert without_trace(far.received[0].data) == b"X-Mailguard-Tag: secure\r\n" + data


def test_a_recipient_the_hop_refuses_is_refused_unchanged(gateway: Running, far: Sink) -> None:
    far.refuse["gone@out.example"] = "550-5.1.1 Gone\r\n550 5.1.1 for good"
    assert gateway.send(JONES, ["gone@out.example"], mail("Hello")) == (550, b"5.1.1 Gone\n5.1.1 for good")


def test_a_mail_that_comes_round_again_is_refused(gateway: Running, far: Sink) -> None:
    assert gateway.send(JONES, [FRIENDS[0]], mail("Hello there"))[0] == 250
    assert gateway.send(JONES, [FRIENDS[0]], far.received[0].data)[0] == 554
    assert gateway.send(JONES, [FRIENDS[1]], far.received[0].data)[0] == 250


def test_figures_count_and_name_nobody(gateway: Running, tmp_path: Path) -> None:
    gateway.send(JONES, [FRIENDS[0]], mail("Hello there"))
    gateway.send(JONES, [FRIENDS[0]], mail("This is not for publication."))
    figures = gateway.metrics()
    assert 'mailguard_messages_total{action="pass"} 1.0' in figures
    assert 'mailguard_messages_total{action="block"} 1.0' in figures
    assert 'mailguard_clause_hits_total{clause="OWN-1",mode="enforce"} 1.0' in figures
    told = figures + (tmp_path / "log").read_text()
    for secret in ("jones", "homemail", "Jones", "publication stay"):
        assert secret not in told


def test_nobody_is_stopped_while_the_policy_observes(tmp_path: Path, far: Sink, vault: Sink) -> None:
    with Running(tmp_path, far.port, vault.port, extra=BLOCKING) as running:
        text = running.config.read_text()
        running.config.write_text('mode = "observe"\n' + text)
        running.stop()
        running.start()
        data = mail(LEAFLET + "\nnot for publication\n" + NHS)
        assert running.send(JONES, [FRIENDS[0]], data)[0] == 250
        assert without_trace(far.received[0].data) == data
        assert running.cases() == []


def test_what_the_secure_route_can_never_carry_is_refused_before_any_leg(tmp_path: Path, far: Sink) -> None:
    with Sink(size=100) as small, Running(tmp_path, far.port, small.port) as running:
        everyone = ["gp@surgery.example", "a.khan@council.example"]
        code, text = running.send(JONES, everyone, mail(NHS, to=", ".join(everyone)))
        assert (code, text[:5]) == (552, b"5.3.4")
        assert far.received == []


def test_without_a_secure_route_nothing_leaves_in_clear(tmp_path: Path, far: Sink) -> None:
    with Running(tmp_path, far.port) as running:
        code, text = running.send(JONES, ["gp@surgery.example"], mail(NHS))
        assert (code, text[:5]) == (451, b"4.3.5")
        assert far.received == []

"""A member's Postfix in front, the council's Postfix behind, swaks as client: each action at the far end."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.test_actions import BLOCKING, FRIENDS, JONES, LEAFLET, NHS, without_trace_or_all
from tests.peers.postfix import Postfix, require
from tests.support.running import Running, mail, wait_for
from tests.support.sink import Received, Sink


@dataclass
class Chain:
    """swaks -> front -> gateway -> behind -> far; the gateway's secure route ends in the vault."""

    front: Postfix
    gateway: Running
    behind: Postfix
    far: Sink
    vault: Sink

    def swaks(
        self, port: int, data: bytes, to: list[str], folder: Path, *words: str
    ) -> subprocess.CompletedProcess[str]:
        path = folder / "mail.eml"
        path.write_bytes(data.replace(b"\r\n", b"\n"))
        line = ["swaks", "--server", f"127.0.0.1:{port}", "--from", JONES, "--to", ",".join(to), "--data", f"@{path}"]
        return subprocess.run([*line, *words], check=False, capture_output=True, text=True, timeout=60)

    def arrived(self) -> list[Received]:
        return [item for item in self.far.received if item.sender]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    require()
    if shutil.which("swaks") is None:
        pytest.skip("swaks is not installed (apt-get install swaks)")
    with Sink() as far, Sink() as vault, Postfix(relay_to=far.port, hostname="behind.example") as behind:
        folder = tmp_path_factory.mktemp("gateway")
        with (
            Running(folder, behind.port, vault.port, extra=BLOCKING) as gateway,
            Postfix(relay_to=gateway.port, hostname="front.example") as front,
        ):
            yield Chain(front, gateway, behind, far, vault)


@pytest.fixture(autouse=True)
def fresh(chain: Chain) -> None:
    chain.far.received.clear()
    chain.vault.received.clear()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def body(data: bytes) -> bytes:
    """Without the empty line that swaks puts at the end."""
    return data.partition(b"\r\n\r\n")[2].rstrip(b"\r\n")


def test_a_passed_mail_arrives_with_its_body_and_its_dsn_parameters(chain: Chain, tmp_path: Path) -> None:
    data = mail("Dear resident,\n\nthe bins come on Friday.\n.a line with a dot\n..and two\n\nMary")
    told = chain.swaks(chain.front.port, data, FRIENDS[:2], tmp_path, "--protocol", "ESMTP", "--ehlo", "client.example")
    assert told.returncode == 0, told.stdout
    (received,) = wait_for(chain.arrived)
    assert digest(body(received.data)) == digest(body(data))
    assert received.head.count(b" (mailguard) with ESMTP id ") == 1
    assert sorted(received.recipients) == sorted(FRIENDS[:2])
    assert b"(mailguard)" in received.head


def test_dsn_parameters_reach_the_far_end(chain: Chain) -> None:
    import smtplib

    with smtplib.SMTP("127.0.0.1", chain.front.port) as client:
        client.ehlo()
        client.mail(JONES, ["RET=HDRS", "ENVID=QQ314159"])
        client.rcpt(FRIENDS[0], ["NOTIFY=SUCCESS,FAILURE", f"ORCPT=rfc822;{FRIENDS[0]}"])
        assert client.data(mail("Hello"))[0] == 250
    (received,) = wait_for(chain.arrived)
    assert {"RET=HDRS", "ENVID=QQ314159"} <= {word.upper() for word in received.mail_options}
    options = {word.upper() for word in received.rcpt_options[0]}
    assert "NOTIFY=SUCCESS,FAILURE" in options
    assert any(word.startswith("ORCPT=RFC822;FRIEND1") for word in options)


def test_a_blocked_mail_comes_back_to_its_sender_from_his_own_server(chain: Chain, tmp_path: Path) -> None:
    told = chain.swaks(chain.gateway.port, mail("This is not for publication."), FRIENDS[:1], tmp_path)
    assert "550 5.7.1 Not sent: Papers not for publication stay inside. Case" in told.stdout
    assert chain.swaks(chain.front.port, mail("This is not for publication."), FRIENDS[:1], tmp_path).returncode == 0
    wait_for(lambda: "status=bounced" in chain.front.log and "Papers not for publication" in chain.front.log)
    assert chain.arrived() == []


def test_a_held_mail_is_accepted_and_released_whole(chain: Chain, tmp_path: Path) -> None:
    data = mail(LEAFLET, subject="Thursday")
    assert chain.swaks(chain.front.port, data, FRIENDS[:1], tmp_path).returncode == 0
    held = wait_for(lambda: [case for case in chain.gateway.cases() if case["state"] == "held"])
    chain.front.wait_until_empty()
    assert chain.arrived() == []
    done = chain.gateway.command("cases", "release", held[0]["number"], "--by", "MO", "--reason", "fine")
    assert done.returncode == 0, done.stderr
    (received,) = wait_for(chain.arrived)
    assert digest(body(received.data)) == digest(body(data))


def test_an_encrypted_mail_goes_to_the_vault_alone(chain: Chain, tmp_path: Path) -> None:
    data = mail(NHS, to="gp@surgery.example, a.khan@council.example")
    to = ["gp@surgery.example", "a.khan@council.example"]
    assert chain.swaks(chain.front.port, data, to, tmp_path).returncode == 0
    (secret,) = wait_for(lambda: chain.vault.received)
    (plain,) = wait_for(chain.arrived)
    assert (secret.recipients, plain.recipients) == ([to[0]], [to[1]])
    assert digest(body(secret.data)) == digest(body(plain.data)) == digest(body(data))
    assert b"Subject: [secure] Your enquiry" in secret.head
    assert b"Subject: Your enquiry" in plain.head


def test_a_tagged_mail_carries_its_field(chain: Chain, tmp_path: Path) -> None:
    data = mail("The plan.", subject="[secure] Plan", to="x@nhs.example")
    assert chain.swaks(chain.front.port, data, ["x@nhs.example"], tmp_path).returncode == 0
    (received,) = wait_for(chain.arrived)
    assert b"X-Mailguard-Tag: secure\r\n" in received.head
    assert digest(body(without_trace_or_all(received.data))) == digest(body(data))


def test_a_burst_of_smtp_source_arrives_once_each(chain: Chain) -> None:
    source = shutil.which("smtp-source") or "/usr/sbin/smtp-source"
    line = [source, "-c", "-s", "20", "-m", "200", "-l", "2000", "-f", JONES, "-t", FRIENDS[0]]
    done = subprocess.run(
        [*line, f"127.0.0.1:{chain.gateway.port}"], check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    wait_for(lambda: len(chain.arrived()) >= 200, 60)
    chain.behind.wait_until_empty()
    assert len(chain.arrived()) == 200

"""Our Received field, and loops."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailguard.mail.envelope import Envelope, Recipient
from mailguard.smtp import trace

KEY = b"a key"
HOST = "gate.example"
ENVELOPE = Envelope("cllr@council.example", (Recipient("a@b.example"),), (), "192.0.2.7", "client.example", None, False)


class Passing:
    """As much of a Transaction as Received is made of."""

    def __init__(self, envelope: Envelope, id: str = "0123456789abcdef") -> None:
        self.envelope, self.id = envelope, id


def field(envelope: Envelope = ENVELOPE, key: bytes = KEY, host: str = HOST) -> bytes:
    return trace.received(Passing(envelope), host, key, datetime(2026, 5, 7, 12, tzinfo=UTC))  # type: ignore[arg-type]


def test_the_field() -> None:
    text = field().decode()
    assert text.startswith(
        "Received: from client.example ([192.0.2.7])\r\n\tby gate.example (mailguard) with ESMTP id "
    )
    assert text.endswith(";\r\n\tThu, 07 May 2026 12:00:00 +0000\r\n")
    assert max(map(len, text.split("\r\n"))) < 100
    assert "b.example" not in text
    assert "council" not in text


@pytest.mark.parametrize(
    ("changes", "protocol"),
    [
        ({"tls": True}, "ESMTPS"),
        ({"tls": True, "user": "x"}, "ESMTPSA"),
        ({"user": ""}, "ESMTPA"),
        ({"options": ("SMTPUTF8",), "tls": True}, "UTF8SMTPS"),
    ],
)
def test_the_protocol(changes: dict[str, object], protocol: str) -> None:
    assert f" with {protocol} id ".encode() in field(replace(ENVELOPE, **changes))  # type: ignore[arg-type]


def test_a_hostile_helo_makes_no_field() -> None:
    text = field(replace(ENVELOPE, helo="x\r\nBcc: y (mailguard) é\x00", peer="2001:db8::1"))
    assert text.count(b"\r\n") == 3
    assert text.count(b"(mailguard)") == 1
    assert b"[IPv6:2001:db8::1]" in text


def test_the_same_passage_twice_is_a_loop() -> None:
    head = field() + b"Subject: x\r\n"
    assert trace.looping(head, ENVELOPE, HOST, KEY)
    assert not trace.looping(head, ENVELOPE, HOST, b"another key")
    assert not trace.looping(b"Subject: x\r\n", ENVELOPE, HOST, KEY)


def test_a_redirect_to_others_is_none_until_it_goes_round() -> None:
    other = replace(ENVELOPE, recipients=(Recipient("c@d.example"),))
    assert not trace.looping(field(), other, HOST, KEY)
    assert not trace.looping(field(host="elsewhere.example"), ENVELOPE, HOST, KEY)
    ours = [field(replace(ENVELOPE, recipients=(Recipient(f"{n}@d.example"),))) for n in range(4)]
    assert not trace.looping(b"".join(ours[:3]), other, HOST, KEY)
    assert trace.looping(b"".join(ours), other, HOST, KEY)


def test_the_order_and_case_of_recipients_make_no_other_tag() -> None:
    one = replace(ENVELOPE, recipients=(Recipient("a@b.example"), Recipient("c@d.example")))
    two = replace(ENVELOPE, recipients=(Recipient("C@d.example"), Recipient("a@B.example", ("NOTIFY=NEVER",))))
    assert trace.tag(one, KEY) == trace.tag(two, KEY)
    assert trace.tag(one, KEY) != trace.tag(ENVELOPE, KEY)


def test_too_many_received_fields_of_anyone() -> None:
    fields = b"Received: from x by y\r\n\twith SMTP; date\r\n"
    assert not trace.looping(fields * 50, ENVELOPE, HOST, KEY)
    assert trace.looping(fields * 51, ENVELOPE, HOST, KEY)

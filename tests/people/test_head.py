"""The sender, from the first bytes of a message."""

import pytest

from mailguard.mail.envelope import Envelope
from mailguard.mail.people import Council, Member
from mailguard.people.head import sender_of
from mailguard.people.members import Register

ANN = Member(address="ann@council.example")
REGISTER = Register((ANN,), Council(domains=("council.example",)))


@pytest.mark.parametrize(
    "head",
    [
        b"To: x@y.example\r\nFrom: Ann <ann@council.example>\r\n",
        b"FROM :\r\n  =?utf-8?q?Ann_=C3=93koro?=\r\n <ann@council.example>\r\n",
        "From: Ann Ókoro <ann@council.example>\r\n".encode(),
        b"from: ann@council.example\n",
        b"From: =?no-such-charset?q?Ann?= <ann@council.example>\r\n",
    ],
)
def test_from_is_found_however_it_is_written(head: bytes) -> None:
    sender = sender_of(Envelope("", ()), head, REGISTER)
    assert sender is not None
    assert sender.member is ANN


def test_a_field_within_a_field_is_no_field() -> None:
    assert sender_of(Envelope("", ()), b"X-Note: a\r\n From: ann@council.example\r\n", REGISTER) is None


def test_a_forwarder_who_names_himself_forges_nothing() -> None:
    head = b"From: r@x.example\r\nResent-From: ann@council.example\r\n"
    sender = sender_of(Envelope("ann@council.example", ()), head, REGISTER)
    assert sender is not None
    assert sender.forged == ""

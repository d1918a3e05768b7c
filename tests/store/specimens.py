"""What the store's tests keep: a message, a case, an envelope."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.message import Message
from mailguard.store.cases import NewCase
from mailguard.store.deliveries import NewDelivery
from mailguard.store.store import Leg

ENVELOPE = Envelope(
    "cllr@council.example",
    (
        Recipient("resident@home.example", ("NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;resident@home.example")),
        Recipient("zoë@büro.example"),
    ),
    ("BODY=8BITMIME", "SMTPUTF8", "RET=HDRS", "ENVID=QQ314159"),
)
PLAN = (Leg("next_hop", ENVELOPE),)


def message(size: int = 2000, word: bytes = b"One line of a letter.\r\n") -> Message:
    head = b"From: cllr@council.example\r\nSubject: Roads\r\n\r\n"
    return Message.of(head + word * (1 + (size - len(head)) // len(word)))


def noise(size: int) -> Message:
    """A message that no compression makes smaller."""
    return Message.of(os.urandom(size))


def new_case(**values: Any) -> NewCase:
    clause = {"id": "VOL-3", "do": "hold", "say": "Too many.", "cites": "s6", "advice": "", "decides": "the officer"}
    given = {
        "action": "hold",
        "state": "held",
        "clauses": [clause],
        "evidence": [{"rule": "recipients", "where": "envelope", "count": 30, "why": "thirty", "masked": "r***@home"}],
        "factors": {"audience": "residents"},
        "sender": ENVELOPE.sender,
        "recipients": [recipient.address for recipient in ENVELOPE.recipients],
        "message_id": "<1@council.example>",
        "member": "cllr@council.example",
        "policy": "lancashire",
        "version": "2022-11",
        "mail_id": "m1",
    }
    return NewCase(**given | values)


def new_delivery(kind: str = "leg", **values: Any) -> NewDelivery:
    return NewDelivery(**{"kind": kind, "route": "secure", "envelope": ENVELOPE} | values)


def files(held: Path) -> list[str]:
    return sorted(path.name for path in held.iterdir())

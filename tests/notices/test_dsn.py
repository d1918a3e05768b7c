"""DSNs by RFC 3464, parsed back with the standard library."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message as Parsed

import pytest

from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.message import Message
from mailguard.mail.reply import Reply
from mailguard.notices.dsn import Status, dsn

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
ORIGINAL = Message.of(b"From: a@council.example\r\nSubject: Private\r\n\r\nthe whole text\r\n")
GONE = Reply(550, (b"5.1.1 No such user", b"5.1.1 Really"))


def report(status: Status, sender: str = "a@council.example", options: tuple[str, ...] = ()) -> Message | None:
    envelope = Envelope(sender, (status.recipient,), options)
    return dsn(envelope, ORIGINAL, [status], reporter="mg.example", sender="postmaster@council.example", at=AT)


def parts(message: Message | None) -> list[Parsed]:
    assert message is not None
    parsed = message_from_bytes(message.read())
    assert parsed.get_content_type() == "multipart/report"
    assert parsed.get_param("report-type") == "delivery-status"
    assert not parsed.defects
    found = parsed.get_payload()
    assert isinstance(found, list)
    return found


def test_a_failure_says_who_how_and_why() -> None:
    words, fields, original = parts(
        report(Status(Recipient("x@out.example", ("ORCPT=rfc822;y@out.example",)), "failed", GONE))
    )
    assert "5.1.1 No such user" in str(words.get_payload())
    blocks = fields.get_payload()
    assert isinstance(blocks, list)
    about = blocks[1]
    assert about["Final-Recipient"] == "rfc822; x@out.example"
    assert about["Original-Recipient"] == "rfc822;y@out.example"
    assert (about["Action"], about["Status"]) == ("failed", "5.1.1")
    assert "550 5.1.1 No such user" in about["Diagnostic-Code"]
    assert original.get_content_type() == "text/rfc822-headers"
    assert "the whole text" not in str(original.get_payload())


def test_ret_full_returns_the_whole_mail_and_envid_comes_back() -> None:
    made = report(Status(Recipient("x@out.example"), "failed", GONE), options=("RET=FULL", "ENVID=abc"))
    _, fields, original = parts(made)
    assert original.get_content_type() == "message/rfc822"
    assert "the whole text" in original.as_string()
    blocks = fields.get_payload()
    assert isinstance(blocks, list)
    assert blocks[0]["Original-Envelope-Id"] == "abc"


@pytest.mark.parametrize(
    ("notify", "action", "told"),
    [
        ("", "failed", True),
        ("", "relayed", False),
        ("NOTIFY=NEVER", "failed", False),
        ("NOTIFY=SUCCESS", "failed", False),
        ("NOTIFY=SUCCESS,DELAY", "relayed", True),
        ("NOTIFY=FAILURE", "failed", True),
        ("notify=failure", "failed", True),
    ],
)
def test_notify_is_heeded(notify: str, action: str, told: bool) -> None:
    recipient = Recipient("x@out.example", (notify,) if notify else ())
    status = Status(recipient, "failed" if action == "failed" else "relayed", None)
    assert (report(status) is not None) is told


def test_the_null_sender_never_gets_one() -> None:
    assert report(Status(Recipient("x@out.example"), "failed", GONE), sender="") is None


def test_every_line_ends_in_crlf() -> None:
    made = report(Status(Recipient("x@out.example"), "failed", GONE))
    assert made is not None
    assert b"\n" not in made.read().replace(b"\r\n", b"")
    assert made.read().endswith(b"\r\n")


@pytest.mark.parametrize(
    ("reply", "code"),
    [(GONE, "5.1.1"), (Reply(550, (b"no",)), "5.0.0"), (Reply(451, (b"later",)), "4.4.7"), (None, "5.0.0")],
)
def test_the_status_is_the_hops_own_where_it_gave_one(reply: Reply | None, code: str) -> None:
    assert Status(Recipient("x@out.example"), "failed", reply).code == code

"""The confirmation in a subject: found, taken out, the rest of the bytes untouched."""

import pytest

from mailguard.actions.warn import confirmation
from mailguard.mail.message import Message


def mail(subject: bytes) -> Message:
    return Message.of(b"From: a@council.example\r\nSubject: " + subject + b"\r\nTo: b@out.example\r\n\r\nBody\r\n")


@pytest.mark.parametrize(
    ("subject", "left", "reason"),
    [
        (b"[confirm ABCDEFGH23] Lunch", b"Lunch", ""),
        (b"Lunch [confirm abcdefgh23]", b"Lunch", ""),
        (b"Lunch [confirm ABCDEFGH23: it is my birthday] on Friday", b"Lunch on Friday", "it is my birthday"),
        (b"Lunch\r\n [confirm ABCDEFGH23]", b"Lunch", ""),
        (b"RE: Lunch [Confirm ABCDEFGH23, urgent]", b"RE: Lunch", "urgent"),
    ],
)
async def test_the_mark_is_taken_out(subject: bytes, left: bytes, reason: str) -> None:
    found = await confirmation(mail(subject))
    assert found is not None
    assert (found.token, found.reason) == ("ABCDEFGH23", reason)
    assert found.message.read() == mail(left).read()


@pytest.mark.parametrize("subject", [b"Please confirm", b"[confirm]", b"[confirm SHORT]", b"confirm ABCDEFGH23"])
async def test_what_is_no_token_stays(subject: bytes) -> None:
    assert await confirmation(mail(subject)) is None

"""A body that is sent again and again: what is remembered of it is what reading it anew gives, and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailguard.mail import again as module
from mailguard.mail.again import Again
from mailguard.mail.contents import Contents
from mailguard.mail.message import Message
from mailguard.mail.pool import Pool
from mailguard.mail.reader import Reader
from mailguard.mail.readers.outline import outline

from .test_pool import soon

HEAD = b"From: Ann Lee <ann@council.example>\r\nTo: resident@home.example\r\nSubject: Bins\r\n"
BODY = b"Content-Type: text/plain; charset=utf-8\r\n\r\nDear all,\r\nthe bins go out on Friday.\r\n\r\nAnn\r\n"
OTHERS = {
    "another recipient": HEAD.replace(b"resident@", b"neighbour@") + BODY,
    "another subject": HEAD.replace(b"Bins", b"Vote for us") + BODY,
    "an answer": HEAD + b"In-Reply-To: <1@home.example>\r\n" + BODY,
    "another type": HEAD + BODY.replace(b"text/plain", b"text/html"),
    "another charset": HEAD + BODY.replace(b"utf-8", b"utf-7"),
    "an encoding": HEAD + b"Content-Transfer-Encoding: base64\r\n" + BODY,
    "two types": HEAD + b"Content-Type: text/html\r\n" + BODY,
    "two senders": HEAD + b"From: Bob <bob@council.example>\r\n" + BODY,
    "two subjects": HEAD + b"Subject: Vote for us\r\n" + BODY,
    "a line without a name": HEAD + b"Vote for us\r\n" + BODY,
    "a blank before the colon": HEAD + b"Content-Transfer-Encoding : base64\r\n" + BODY,
    "a bare CR": HEAD + b"X-A: b\rVote: for us\r\n" + BODY,
    "a blank line that is not empty": HEAD + b" \r\nVote for us\r\n" + BODY,
    "a NUL": HEAD + b"X-A: \x00\r\n" + BODY,
    "a name in Latin-1": HEAD + b"X-A: \xe9\r\n" + BODY,
    "no header at all": b"\r\n" + HEAD + BODY,
    "a folded From line": b"From\r\n Ann\r\n Lee\r\n" + HEAD + BODY,
    "a folded field": HEAD + b"X-A: b\r\n\tc\r\n" + BODY,
    "another body": HEAD + BODY.replace(b"Friday", b"Monday"),
}


def known(again: Again, data: bytes) -> bool:
    """Read it as the reader does; True where nothing had to be read."""
    contents, shape = again.contents(data)
    if contents is None and shape:
        again.keep(shape, outline(data).contents)
    return contents is not None


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS)
async def test_any_mail_is_read_as_if_it_were_the_first(data: bytes) -> None:
    pool = Pool()
    reader = Reader(pool)
    for _ in range(3):
        await reader.read(Message.of(HEAD + BODY), deadline=soon())
    for _ in range(3):
        assert await reader.read(Message.of(data), deadline=soon()) == outline(data).contents
    await pool.stop()


def test_it_is_remembered_from_the_second_time_on() -> None:
    again = Again()
    assert [known(again, OTHERS["another recipient"]), known(again, HEAD + BODY), known(again, HEAD + BODY)] == [
        False,
        False,
        True,
    ]


def test_nothing_is_kept_of_a_body_that_came_once() -> None:
    again = Again()
    for number in range(100):
        known(again, HEAD + BODY + str(number).encode())
    assert not again.kept


@pytest.mark.parametrize("defect", [{"defects": ("odd",)}, {"unreadable": True}])
def test_what_may_be_read_otherwise_next_time_is_not_kept(defect: dict[str, object]) -> None:
    again, data = Again(), HEAD + BODY
    known(again, data)
    contents = outline(data).contents
    if "defects" in defect:
        contents = replace(contents, defects=("odd",))
    else:
        contents = replace(contents, parts=tuple(replace(part, state="late") for part in contents.parts))
    _, shape = again.contents(data)
    assert shape
    again.keep(shape, contents)
    assert not again.kept


def test_it_is_forgotten_in_time() -> None:
    now = [0.0]
    again = Again(lambda: now[0])
    for _ in range(3):
        known(again, HEAD + BODY)
    assert again.kept
    now[0] += module.KEPT + 1
    assert not known(again, HEAD + BODY)


def test_it_keeps_no_more_than_its_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SPACE", 120_000)
    again = Again()
    for number in range(30):
        for _ in range(2):
            known(again, HEAD + BODY + str(number).encode() + b"x" * 5000)
    assert 4 <= again.kept <= 8


def test_what_a_body_unpacks_to_takes_space_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SPACE", 400_000)
    again = Again()
    contents = outline(HEAD + BODY).contents
    text = replace(contents.texts[0], content="x" * 40_000)
    for number in range(30):
        data = HEAD + BODY + str(number).encode()
        again.contents(data)
        _, shape = again.contents(data)
        assert shape
        again.keep(shape, replace(contents, texts=(text,)))
    assert again.kept == 4
    again.keep(((), b"more"), replace(contents, texts=(text, text)))
    assert again.kept == 4


def test_a_header_takes_space_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SPACE", 400_000)
    again = Again()
    for number in range(30):
        known(again, HEAD + f"References: <{number}@{'x' * 20_000}>\r\n".encode() + BODY)
    assert again.kept < 20


def test_whom_it_went_to_is_not_kept() -> None:
    again = Again()
    contents: Contents | None = None
    for name in (b"first", b"second", b"third"):
        data = HEAD.replace(b"resident", name) + BODY
        contents, shape = again.contents(data)
        if shape:
            again.keep(shape, outline(data).contents)
    assert contents
    assert contents.headers.first("to") == "third@home.example"

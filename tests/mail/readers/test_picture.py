"""Words in pictures, by the real Tesseract: only where it is switched on and nobody waits."""

import os
import stat

import pytest

from mailguard.mail.contents import Contents, State
from mailguard.mail.limits import Limits
from mailguard.mail.message import Message
from mailguard.mail.pool import Pool
from mailguard.mail.reader import Reader
from mailguard.mail.readers import external

from ..test_pool import soon
from ..test_reader import mail
from .specimens import picture, read, said

needs_tesseract = pytest.mark.skipif(external.found("tesseract") is None, reason="tesseract is not installed")
SHOWN = "Mrs Hughes 943 476 5919"


@pytest.fixture(scope="module")
def photo() -> bytes:
    return picture(SHOWN)


async def contents(data: bytes, *, ocr: bool, waiting: bool) -> Contents:
    pool = Pool(Limits(ocr=ocr))
    try:
        return await Reader(pool).read(Message.of(data), deadline=soon(60), waiting=waiting)
    finally:
        await pool.stop()


@needs_tesseract
@pytest.mark.parametrize("inline", [True, False])
async def test_words_in_a_picture_are_read_where_nobody_waits(photo: bytes, inline: bool):
    data = mail(("list.png", "image/png", photo)) + (b"" if inline else b" " * 1_000_000)
    found = await contents(data, ocr=True, waiting=False)
    assert [part.state for part in found.parts if part.kind == "png"] == [State.READ]
    assert SHOWN in "\n".join(text.content for text in found.texts)


@pytest.mark.parametrize(("ocr", "waiting"), [(True, True), (False, False)])
async def test_a_picture_is_passed_over_while_a_client_waits_and_where_it_is_not_asked_for(
    photo: bytes, ocr: bool, waiting: bool
):
    found = await contents(mail(("list.png", "image/png", photo)), ocr=ocr, waiting=waiting)
    assert [part.state for part in found.parts if part.kind == "png"] == [State.NO_TEXT]


@needs_tesseract
def test_a_logo_is_not_looked_at(photo: bytes):
    assert read(photo[:9_000], "logo.png", limits=Limits(ocr=True)).state is State.NO_TEXT
    assert SHOWN in said(read(photo, "list.png", limits=Limits(ocr=True)))


def test_a_program_that_fails_or_hangs_costs_the_words_alone(photo: bytes, tmp_path, monkeypatch):
    external.found.cache_clear()
    program = tmp_path / "tesseract"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(external, "SECONDS", 1)
    try:
        for script in ("exit 3", "exec sleep 60"):
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            assert read(photo, "list.png", limits=Limits(ocr=True)).state is State.NO_TEXT
    finally:
        external.found.cache_clear()

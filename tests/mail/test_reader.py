"""A message to its contents: what is read here, what goes out, and what a large mail costs."""

import asyncio
import base64
import os
import signal
import subprocess
import sys

import pytest

from mailguard.mail.contents import Layer, State
from mailguard.mail.limits import Limits
from mailguard.mail.message import Message, SpoolBlob
from mailguard.mail.pool import Pool
from mailguard.mail.reader import Reader, read_sync

from .readers.specimens import docx, sheet_xml, xlsx, zipped
from .test_pool import PROBE, soon

BODY = b"Content-Type: text/plain\r\n\r\nDear Ann,\r\n"


def mail(*attachments: tuple[str, str, bytes], body: bytes = BODY) -> bytes:
    parts = [body]
    for name, kind, data in attachments:
        head = f'Content-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        head += "Content-Transfer-Encoding: base64\r\n\r\n"
        parts.append(head.encode() + base64.encodebytes(data).replace(b"\n", b"\r\n"))
    head = b"From: a@b.example\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n"
    head += b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
    return head + b"".join(b"--x\r\n" + part for part in parts) + b"--x--\r\n"


def spooled(data: bytes, tmp_path) -> Message:
    path = tmp_path / "spool"
    path.write_bytes(data)
    return Message(SpoolBlob(path, len(data)))


SHEET = xlsx([("Sheet2", "hidden", sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>Ann Lee</t></is></c></row>'))])


@pytest.fixture
async def pool():
    made = Pool()
    yield made
    await made.stop()


async def test_a_plain_mail_starts_no_process(pool):
    data = mail(
        ("a.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(90)), ("x.bin", "application/x-y", b"\x00\x01\xfe\xff" * 90)
    )
    contents = await Reader(pool).read(Message.of(data), deadline=soon())
    assert pool.pids == ()
    assert [(part.path, part.kind, part.state) for part in contents.parts] == [
        ("1", "text", State.READ),
        ("2", "png", State.NO_TEXT),
        ("3", "binary", State.NO_TEXT),
    ]
    assert contents.headers.first("subject") == "Hello"
    assert contents.unreadable == ()


async def test_small_plain_files_are_read_here_and_documents_outside(pool):
    data = mail(("a.csv", "text/csv", b"Name,Born\nAnn,1980\n"), ("n.txt", "text/plain", b"note"))
    contents = await Reader(pool).read(Message.of(data), deadline=soon())
    assert pool.pids == ()
    assert contents.tables[0].where == "a.csv"
    contents = await Reader(pool).read(
        Message.of(mail(("f.zip", "application/zip", zipped({"list.xlsx": SHEET})))), deadline=soon()
    )
    assert len(pool.pids) == 1
    assert [(part.path, part.kind) for part in contents.parts] == [
        ("1", "text"),
        ("2", "zip"),
        ("2/f.zip/list.xlsx", "xlsx"),
    ]
    (table,) = contents.tables
    assert (table.where, table.part) == ("f.zip/list.xlsx, sheet 'Sheet2' (hidden)", "2/f.zip/list.xlsx")
    assert [item.what for item in contents.hidden] == ["hidden sheet 'Sheet2'"]
    assert contents.attachment_bytes > 0


async def test_a_large_mail_is_read_whole_outside(pool, tmp_path):
    words = b"Content-Type: text/plain\r\n\r\n" + b"Dear Ann, the bins.\r\n" * 60_000
    data = mail(("list.xlsx", "application/x-excel", SHEET), ("note.txt", "text/plain", b"kept"), body=words)
    contents = await Reader(pool).read(spooled(data, tmp_path), deadline=soon())
    assert [(part.path, part.kind, part.state) for part in contents.parts] == [
        ("1", "text", State.READ),
        ("2", "xlsx", State.READ),
        ("3", "txt", State.READ),
    ]
    assert contents.headers.first("subject") == "Hello"
    assert {text.layer for text in contents.texts} >= {Layer.NEW, Layer.ATTACHMENT}
    same = await Reader(pool).read(Message.of(data), deadline=soon())
    assert same == contents


async def test_a_prefix_before_a_spool_file_is_read_too(pool, tmp_path):
    data = mail(body=b"\r\n" + b"words\r\n" * 200_000)
    message = spooled(data, tmp_path).with_field(b"X-Case: 4411\r\n")
    contents = await Reader(pool).read(message, deadline=soon())
    assert contents.headers.first("x-case") == "4411"


async def test_limits_are_those_of_the_mail_not_of_each_document(pool):
    rows = b"a,b\n" * 60
    limits = Limits(rows=100)
    data = mail(("1.csv", "text/csv", rows), ("2.csv", "text/csv", rows), ("3.csv", "text/csv", rows))
    contents = await Reader(pool, limits).read(Message.of(data), deadline=soon())
    assert [(len(table.rows), table.total_rows) for table in contents.tables] == [(60, 60), (40, 60)]


async def test_a_crash_costs_one_document_of_the_mail():
    pool = Pool(command=PROBE)
    try:
        data = mail(("a.pdf", "x/y", b"%PDF-abort"), ("b.pdf", "x/y", b"%PDF-who"))
        contents = await Reader(pool).read(Message.of(data), deadline=soon())
        assert [part.state for part in contents.parts] == [State.READ, State.BROKEN, State.READ]
        assert [part.why for part in contents.unreadable] == ["the reader process died of it (SIGABRT)"]
        assert [text.content for text in contents.texts if text.layer is Layer.NEW] == ["Dear Ann,"]
    finally:
        await pool.stop()


async def test_a_reader_killed_at_work_costs_one_attachment_and_no_mail():
    pool = Pool(command=PROBE)
    try:
        await pool.start()
        (pid,) = pool.pids
        asyncio.get_running_loop().call_later(0.5, os.kill, pid, signal.SIGKILL)
        data = mail(("a.pdf", "application/pdf", b"%PDF-sleep"), ("b.pdf", "application/pdf", b"%PDF-who"))
        contents = await Reader(pool).read(Message.of(data), deadline=soon())
    finally:
        await pool.stop()
    assert [(part.name, part.state) for part in contents.parts] == [
        ("", State.READ),
        ("a.pdf", State.BROKEN),
        ("b.pdf", State.READ),
    ]
    assert [part.why for part in contents.unreadable] == ["the reader process died of it (SIGKILL)"]
    assert any("Dear Ann" in text.content for text in contents.texts)


async def test_a_large_mail_that_kills_its_reader_keeps_its_header(tmp_path):
    pool = Pool(command=(sys.executable, "-c", "raise SystemExit(3)"))
    try:
        contents = await Reader(pool).read(
            spooled(mail(body=b"\r\n" + b"words\r\n" * 200_000), tmp_path), deadline=soon()
        )
        assert contents.headers.first("subject") == "Hello"
        assert [part.state for part in contents.unreadable] == [State.LATE]
    finally:
        await pool.stop()


async def test_what_is_not_read_by_the_deadline_is_late(pool):
    contents = await Reader(pool).read(Message.of(mail(("a.docx", "x/y", docx("")))), deadline=soon(0))
    assert [part.state for part in contents.unreadable] == [State.LATE]


async def test_other_mails_go_on_while_one_document_is_read():
    pool = Pool(command=PROBE)
    try:
        await pool.start()
        busy = Message.of(mail(("a.pdf", "x/y", b"%PDF-sleep")))
        slow = asyncio.create_task(Reader(pool).read(busy, deadline=soon(1.5)))
        await asyncio.sleep(0)
        plain = await Reader(pool).read(Message.of(mail()), deadline=soon())
        assert plain.texts
        assert not slow.done()
        assert [part.state for part in (await slow).unreadable] == [State.LATE]
    finally:
        await pool.stop()


def test_sync():
    contents = read_sync(mail(("list.xlsx", "x/y", SHEET)))
    assert contents.tables[0].rows == (("Ann Lee",),)


MEMORY = """
import asyncio, resource, sys
from pathlib import Path
from mailguard.mail.message import Message, SpoolBlob
from mailguard.mail.pool import Pool
from mailguard.mail.reader import Reader

def resident():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1])

async def main():
    pool = Pool()
    await pool.start()
    reader, loop = Reader(pool), asyncio.get_running_loop()
    small, large = (Path(name) for name in sys.argv[1:])
    await reader.read(Message(SpoolBlob(small, small.stat().st_size)), deadline=loop.time() + 60)
    before = resident()
    contents = await reader.read(Message(SpoolBlob(large, large.stat().st_size)), deadline=loop.time() + 60)
    print(resident() - before, contents.parts[1].kind, contents.parts[1].state.value, len(contents.texts))
    await pool.stop()

asyncio.run(main())
"""


@pytest.mark.parametrize("kind", ["txt", "zip", "xlsx"])
def test_a_large_attachment_adds_little_memory(kind: str, tmp_path):
    """At most 30 MB in the mail worker for an attachment of 10 MB (`VmHWM`, in KiB)."""
    if kind == "txt":
        data = b"Name, address, and so on of a resident 1234\n" * 230_000
    elif kind == "zip":
        data = zipped({"photo.bin": os.urandom(10_000_000)})
    else:
        cell = '<c r="{}{}" t="inlineStr"><is><t>resident {} of ward {}</t></is></c>'
        rows = "".join(
            f'<row r="{at}">' + "".join(cell.format(letter, at, at * 7, letter) for letter in "ABCDEFGH") + "</row>"
            for at in range(1, 20_001)
        )
        data = xlsx(
            [("One", "visible", sheet_xml(rows))],
            word__noise=os.urandom(9_000_000).hex()[:0],
            xl__media__x=os.urandom(9_000_000),
        )
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(mail(("list.xlsx", "x/y", SHEET), body=b"\r\n" + b"words\r\n" * 200_000))
    large.write_bytes(mail((f"big.{kind}", "application/octet-stream", data)))
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(small), str(large)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    grown, found = done.stdout.split()[:2]
    assert found == kind
    assert int(grown) < 30_000, done.stdout

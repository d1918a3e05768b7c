"""7z and tar archives by libarchive, with the same budget."""

import io
import tarfile

import libarchive
import pytest

from mailguard.mail.contents import State
from mailguard.mail.limits import Limits
from mailguard.mail.readers import archive

from .specimens import read, said


def packed(kind: str, files: dict[str, bytes]) -> bytes:
    out = bytearray()
    with libarchive.custom_writer(lambda data: out.extend(data) or len(data), kind) as writer:
        for name, content in files.items():
            writer.add_file_from_memory(name, len(content), content)
    return bytes(out)


@pytest.mark.parametrize(("kind", "found"), [("7zip", "7z"), ("gnutar", "tar"), ("ar_svr4", "ar")])
def test_members(kind: str, found: str):
    document = read(packed(kind, {"a.txt": b"Mrs Hughes of Ward 4", "b.bin": b"\x00\x01\x02\xff" * 9}), "f")
    assert document.kind == found
    assert [(part.name.rstrip("/"), part.state) for part in document.parts] == [
        ("a.txt", State.READ),
        ("b.bin", State.NO_TEXT),
    ]
    assert "Mrs Hughes" in said(document)


def test_a_bomb_stops_at_the_budget():
    document = read(packed("7zip", {"zeros": bytes(5_000_000)}), limits=Limits(inflated=1_000_000))
    assert document.state is State.OVER_LIMIT


def test_a_broken_archive():
    data = packed("7zip", {"a.txt": b"words"})
    assert read(data[:-20]).state is State.BROKEN


def test_without_libarchive_tar_is_read_and_7z_is_named(monkeypatch):
    seven = packed("7zip", {"a.txt": b"words"})
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        entry = tarfile.TarInfo("a.txt")
        entry.size = 5
        tar.addfile(entry, io.BytesIO(b"words"))
    monkeypatch.setattr(archive, "libarchive", lambda: None)
    document = read(seven)
    assert document.state is State.LOCKED
    assert "libarchive is not installed" in document.why
    assert "words" in said(read(file.getvalue()))

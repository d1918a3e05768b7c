"""7z and tar archives by libarchive, with the same budget."""

import io
import tarfile
import time

import libarchive
import pytest

from mailguard.mail.contents import State
from mailguard.mail.limits import Limits
from mailguard.mail.readers import archive

from . import foreign
from .specimens import rar5, read, said, zipped


def packed(kind: str, files: dict[str, bytes], filter_name: str | None = None) -> bytes:
    out = bytearray()
    with libarchive.custom_writer(lambda data: out.extend(data) or len(data), kind, filter_name) as writer:
        for name, content in files.items():
            writer.add_file_from_memory(name, len(content), content)
    return bytes(out)


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("7zip", "7z"),
        ("gnutar", "tar"),
        ("v7tar", "tar"),
        ("ar_svr4", "ar"),
        ("cpio", "cpio"),
        ("cpio_newc", "cpio"),
        ("iso9660", "iso"),
        ("xar", "xar"),
    ],
)
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


@pytest.mark.parametrize(
    ("filter_name", "kind"),
    [("zstd", "zst"), ("lz4", "lz4"), ("lzip", "lz"), ("lzma", "lzma"), ("compress", "compress")],
)
def test_a_compressed_tar(filter_name: str, kind: str):
    data = packed("gnutar", {"a.txt": b"Mrs Hughes of Ward 4"}, filter_name)
    document = read(data, f"all.tar.{kind}")
    assert document.kind == kind
    assert [part.kind for part in document.parts] == ["tar", "txt"]
    assert "Mrs Hughes" in said(document)
    cut = read(data[:-30], "all.tar")
    assert State.BROKEN in {cut.state, *(part.state for part in cut.parts)} or "Hughes" in said(cut)


def test_rar_and_which_of_its_files_are_locked():
    files = {"a.txt": b"Mrs Hughes", "b.txt": bytes(range(256))}
    assert "Mrs Hughes" in said(read(rar5(files)))
    mixed = read(rar5(files, locked=("b.txt",)))
    assert mixed.state is State.READ
    assert [(part.name, part.state) for part in mixed.parts] == [("a.txt", State.READ), ("b.txt", State.ENCRYPTED)]
    assert "a.txt\nb.txt" in said(mixed)
    assert read(rar5(files, locked=("a.txt", "b.txt"))).state is State.ENCRYPTED
    assert read(rar5({}, headers_locked=True)).state is State.ENCRYPTED


def test_a_volume_of_a_rar_is_not_all_of_it():
    document = read(rar5({"a.txt": b"Mrs Hughes"}, size=9_000))
    assert document.state is State.BROKEN
    assert "Mrs Hughes" in said(document)


@pytest.mark.parametrize("kind", ["rar", "7z"])
def test_an_archive_behind_a_program(kind: str):
    program = b"MZ\x90\x00\x03" + b"\x00\xff7z\xbc\xaf\x27\x1cRar!\x1a\x07\x00" * 90
    inner = {"a.txt": b"Mrs Hughes"}
    document = read(program + (rar5(inner) if kind == "rar" else packed("7zip", inner)), "setup.exe")
    assert (document.kind, document.state) == (kind, State.READ)
    assert "Mrs Hughes" in said(document)
    assert read(program, "setup.exe").kind == "exe"


def test_kinds_that_nothing_reads_are_named():
    for data, words in (
        (b"\x60\xea\x2b\x00\x22\x0b" + bytes(60), "ARJ"),
        (b"MSWIM\x00\x00\x00\xd0", "Windows disk image"),
        (b"\xffWPC\x00\x01\x02", "WordPerfect"),
    ):
        document = read(data)
        assert document.state is State.LOCKED
        assert words in document.why


def test_pages_is_named_and_its_preview_is_read():
    document = read(zipped({"Index/Document.iwa": b"\x00\x01\x02", "QuickLook/note.txt": "Mrs Hughes"}), "a.pages")
    assert (document.kind, document.state) == ("iwork", State.LOCKED)
    assert "Mrs Hughes" in said(document)


def test_locks_of_7z():
    assert read(foreign.ENCRYPTED_7Z).state is State.ENCRYPTED
    assert read(foreign.HEADERS_7Z).state is State.ENCRYPTED
    mixed = read(foreign.MIXED_7Z)
    assert [(part.name, part.state) for part in mixed.parts] == [("b.txt", State.READ), ("a.txt", State.ENCRYPTED)]
    assert "Mr Lee" in said(mixed)


def test_archives_of_other_programs():
    for data in (foreign.PPMD_ZIP, foreign.XZ_ZIP, foreign.CAB):
        document = read(data)
        assert document.state is State.READ
        assert "Mrs Hughes of Ward 4" in said(document)
    assert read(foreign.AES_ZIP).state is State.ENCRYPTED
    assert read(foreign.WEAK_ZIP).state is State.LOCKED


def test_a_rar_of_nothing_ends_at_once():
    begun = time.monotonic()
    assert read(b"Rar!\x1a\x07\x01\x00" + bytes(5_000_000)).state is State.BROKEN
    assert time.monotonic() - begun < 3


def test_a_rar_in_which_no_file_begins_is_named():
    document = read(rar5({}), "all.part2.rar")
    assert document.state is State.BROKEN
    assert "another file" in document.why

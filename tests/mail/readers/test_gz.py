"""gzip, bzip2 and xz: one file inside."""

import bz2
import gzip
import io
import lzma
import tarfile

import pytest

from mailguard.mail.contents import State
from mailguard.mail.limits import Limits

from .specimens import read, said


@pytest.mark.parametrize(
    ("pack", "name"), [(gzip.compress, "a.txt.gz"), (bz2.compress, "a.txt.bz2"), (lzma.compress, "a.txt.xz")]
)
def test_the_file_inside(pack, name: str):
    document = read(pack(b"first ") + pack(b"second"), name)
    assert document.state is State.READ
    assert [part.path for part in document.parts] == [f"{name}/a.txt"]
    assert "first second" in said(document)


def test_a_tar_inside():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        entry = tarfile.TarInfo("a.txt")
        entry.size = 5
        tar.addfile(entry, io.BytesIO(b"words"))
    document = read(file.getvalue(), "f.tgz")
    assert [part.path for part in document.parts] == ["f.tgz/f.tar", "f.tgz/f.tar/a.txt"]
    assert "words" in said(document)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_bomb_stops_at_the_budget(pack):
    assert read(pack(bytes(5_000_000)), limits=Limits(inflated=1_000_000)).state is State.OVER_LIMIT


def test_a_truncated_file_is_read_as_far_as_it_goes():
    data = gzip.compress(b"the first half is here " * 50)
    document = read(data[:-9], "a.gz")
    assert document.state is State.BROKEN
    assert "the first half" in said(document)


def test_padding_after_the_stream_is_no_damage():
    assert read(gzip.compress(b"words") + b"\0" * 512).state is State.READ

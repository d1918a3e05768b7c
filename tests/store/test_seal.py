"""A sealed body opens as it was, or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailguard.mail.errors import StoreFull
from mailguard.store import seal
from mailguard.store.errors import Tampered

KEY = bytes(range(32))
BIG = 2 * seal.CHUNK + 4567


def sealed(tmp_path: Path, data: bytes, name: str = "a") -> Path:
    path = tmp_path / name
    assert seal.write(path, name, KEY, [data[:100], data[100:]]) == path.stat().st_size
    return path


def opened(path: Path, name: str = "a", key: bytes = KEY) -> bytes:
    return b"".join(seal.read(path, name, key))


def refused(path: Path) -> bool:
    try:
        opened(path)
    except Tampered:
        return True
    return False


@pytest.mark.parametrize("size", [0, 1, 100, seal.CHUNK - 1, seal.CHUNK, seal.CHUNK + 1, 2 * seal.CHUNK, BIG])
@pytest.mark.parametrize("kind", ["noise", "words"])
def test_what_is_sealed_comes_back(tmp_path: Path, size: int, kind: str) -> None:
    data = os.urandom(size) if kind == "noise" else (b"Dear resident,\r\n" * (size // 16 + 1))[:size]
    path = sealed(tmp_path, data)
    assert opened(path) == data
    assert path.stat().st_mode & 0o777 == 0o600
    assert data[:16] not in path.read_bytes() or size < 16


def test_it_is_compressed_only_where_that_pays(tmp_path: Path) -> None:
    words, noise = b"Dear resident,\r\n" * 100_000, os.urandom(500_000)
    assert sealed(tmp_path, words, "words").stat().st_size < len(words) // 10
    assert sealed(tmp_path, noise, "noise").stat().st_size == len(noise) + seal.HEADER.size + seal.TAG


@pytest.mark.parametrize("kind", ["noise", "words"])
def test_any_changed_byte_is_seen(tmp_path: Path, kind: str) -> None:
    data = os.urandom(BIG) if kind == "noise" else b"".join(b"%d words\r\n" % n for n in range(400_000))
    path = sealed(tmp_path, data)
    whole = path.read_bytes()
    step, head, tag = seal.CHUNK + seal.TAG, seal.HEADER.size, seal.TAG
    places = [*range(head), head, head + 1000, head + step - tag, head + step - 1, head + step, head + step + 77]
    places += [len(whole) - tag - 1, len(whole) - tag, len(whole) - 1]
    for place in [place for place in places if place < len(whole)]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Tampered):
            opened(path)
    path.write_bytes(whole)
    assert opened(path) == data


def test_cut_short_lengthened_or_rearranged_is_seen(tmp_path: Path) -> None:
    path = sealed(tmp_path, os.urandom(BIG))
    whole = path.read_bytes()
    step, head = seal.CHUNK + seal.TAG, seal.HEADER.size
    first, second, last = whole[head : head + step], whole[head + step : head + 2 * step], whole[head + 2 * step :]
    start = whole[:head]
    wrong = {
        "empty": b"",
        "header alone": start,
        "half a header": start[:4],
        "without the last chunk": start + first + second,
        "without the last byte": whole[:-1],
        "cut within a chunk": whole[: head + step + 1000],
        "one byte more": whole + b"\0",
        "one chunk more": whole + last,
        "chunks changed places": start + second + first + last,
        "first chunk missing": start + second + last,
        "a chunk twice": start + first + first + second + last,
    }
    for what, data in wrong.items():
        path.write_bytes(data)
        assert refused(path), what


def test_another_body_s_file_or_key_does_not_open(tmp_path: Path) -> None:
    one, two = sealed(tmp_path, b"one" * 100, "one"), sealed(tmp_path, b"two" * 100, "two")
    shutil.copy(one, two)
    with pytest.raises(Tampered):
        opened(two, "two")
    with pytest.raises(Tampered):
        opened(one, "one", bytes(32))


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    sealed(tmp_path, b"first")
    with pytest.raises(FileExistsError):
        sealed(tmp_path, b"second")


def test_a_full_disk_is_told_from_other_errors() -> None:
    assert isinstance(seal.store_error(OSError(28, "No space left on device"), "x"), StoreFull)
    assert not isinstance(seal.store_error(OSError(5, "Input/output error"), "x"), StoreFull)


@given(st.lists(st.binary(max_size=300), max_size=20))
@settings(max_examples=50, deadline=None)
def test_pieces_of_any_shape(pieces: list[bytes]) -> None:
    path = (
        Path(f"/dev/shm/mailguard-{os.getpid()}")
        if Path("/dev/shm").is_dir()
        else Path(f"/tmp/mailguard-{os.getpid()}")
    )
    path.unlink(missing_ok=True)
    try:
        seal.write(path, "a", KEY, pieces)
        assert opened(path) == b"".join(pieces)
    finally:
        path.unlink(missing_ok=True)

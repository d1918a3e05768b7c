"""Keys: one file, a subkey for each use, and nothing opens with another's."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from mailguard.mail.errors import StoreError
from mailguard.store import keys
from mailguard.store.errors import Tampered

SECRET = bytes(range(32))


def written(path: Path, *secrets: bytes) -> Path:
    path.write_bytes(b"\n".join(base64.b64encode(secret) for secret in secrets) + b"\n")
    return path


def test_subkeys_are_distinct_and_always_the_same() -> None:
    key, other = keys.Key.of(SECRET), keys.Key.of(bytes(32))
    parts = [key.wrapping, key.fingerprints, key.tokens, other.wrapping, other.fingerprints, other.tokens, SECRET]
    assert len(set(parts)) == len(parts)
    assert key == keys.Key.of(SECRET)
    # Fixed for good: a change here would make every held mail unreadable.
    assert key.id == "6caa75320d5e29fa"
    assert "wrapping" not in repr(key)


def test_a_wrapped_key_opens_in_its_context_alone(tmp_path: Path) -> None:
    ring = keys.load(written(tmp_path / "key", SECRET))
    assert ring
    wrapped = ring.wrap(b"data key", b"body one")
    assert ring.unwrap(ring.current.id, wrapped, b"body one") == b"data key"
    assert wrapped != ring.wrap(b"data key", b"body one")
    with pytest.raises(Tampered):
        ring.unwrap(ring.current.id, wrapped, b"body two")
    for place in range(len(wrapped)):
        changed = wrapped[:place] + bytes([wrapped[place] ^ 1]) + wrapped[place + 1 :]
        with pytest.raises(Tampered):
            ring.unwrap(ring.current.id, changed, b"body one")
    with pytest.raises(StoreError, match="add that key's line"):
        ring.unwrap("0000", wrapped, b"body one")


def test_an_older_key_still_opens(tmp_path: Path) -> None:
    old = keys.load(written(tmp_path / "key", SECRET))
    new = keys.load(written(tmp_path / "key", os.urandom(32), SECRET))
    assert old
    assert new
    assert new.unwrap(old.current.id, old.wrap(b"x", b"c"), b"c") == b"x"
    assert new.current.id != old.current.id


@pytest.mark.parametrize("text", ["", "\n", "not base64!", "c2hvcnQ=", "\xff"])
def test_another_file_is_refused_with_the_fix(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_text(text, "latin-1")
    with pytest.raises(StoreError, match=r"store\.key"):
        keys.load(path)


def test_no_file_is_none(tmp_path: Path) -> None:
    assert keys.load(tmp_path / "key") is None


def test_the_first_maker_wins(tmp_path: Path) -> None:
    first = keys.create(tmp_path / "etc/key")
    assert keys.create(tmp_path / "etc/key") == first
    assert [path.name for path in (tmp_path / "etc").iterdir()] == ["key"]


@pytest.mark.parametrize(
    ("mode", "told"), [(0o600, False), (0o400, False), (0o440, False), (0o444, True), (0o660, True)]
)
def test_an_open_key_file_is_seen(tmp_path: Path, mode: int, told: bool) -> None:
    path = written(tmp_path / "key", SECRET)
    path.chmod(mode)
    assert keys.exposed(path) is told

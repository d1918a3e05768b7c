"""The keys that seal held mail and make fingerprints and tokens. Law: no key is ever remade while held mail needs it.

The key file holds one key a line (32 bytes, base64); the first seals, the others still open what they sealed. A
key's id is derived from it. Each use has a subkey of its own (HKDF, RFC 5869), so that none tells another.
"""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mailguard.mail.errors import StoreError
from mailguard.store.errors import Tampered

SIZE = 32
NONCE = 12
OTHERS = 0o037


@dataclass(frozen=True)
class Key:
    """One line of the key file: its id and its subkeys, 32 bytes each."""

    id: str
    wrapping: bytes = field(repr=False)
    fingerprints: bytes = field(repr=False)
    tokens: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> Key:
        """Derive the subkeys. `secret` is 32 random bytes."""
        return cls(
            _derive(secret, "key id")[:8].hex(),
            _derive(secret, "wrapping"),
            _derive(secret, "fingerprints"),
            _derive(secret, "tokens"),
        )


@dataclass(frozen=True)
class Keyring:
    """The keys of one key file, the current one first."""

    keys: tuple[Key, ...]

    @property
    def current(self) -> Key:
        """The key that seals."""
        return self.keys[0]

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Seal a data key under the current key; it opens with the same `context` alone."""
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self.current.wrapping).encrypt(nonce, secret, context)

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        """The data key. Raises StoreError for an unknown key, Tampered for anything changed."""
        key = next((key for key in self.keys if key.id == key_id), None)
        if key is None:
            raise StoreError(f"the key file has no key {key_id}: add that key's line to it again")
        try:
            return AESGCM(key.wrapping).decrypt(wrapped[:NONCE], wrapped[NONCE:], context)
        except (InvalidTag, ValueError):
            raise Tampered("a held mail's key was changed") from None


def load(path: Path) -> Keyring | None:
    """The keys in the file, None where there is no file. Raises StoreError."""
    try:
        lines = path.read_text("ascii").split()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"store.key: cannot read {path} ({type(error).__name__})") from None
    try:
        secrets = [base64.b64decode(line, validate=True) for line in lines]
    except binascii.Error:
        secrets = []
    if not secrets or any(len(secret) != SIZE for secret in secrets):
        raise StoreError(f"store.key: {path} is not a key file (a line of base64 for each key, 32 bytes); restore it")
    return Keyring(tuple(Key.of(secret) for secret in secrets))


def create(path: Path) -> Keyring:
    """Make the key file (0600), durably, unless another worker just did. Raises StoreError."""
    draft = path.with_name(f"{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(os.urandom(SIZE)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link never replaces: the first of several workers wins, and the others read his.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise StoreError(f"store.key: cannot make {path} ({error.strerror}); check its folder") from None
    made = load(path)
    assert made is not None, "the key file was just made"
    return made


def exposed(path: Path) -> bool:
    """True where others than its owner may write the key file, or others than its group read it."""
    return bool(path.stat().st_mode & OTHERS)


def sync_folder(folder: Path) -> None:
    """Make a new, renamed or removed name in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=f"mailguard 1 {purpose}".encode()).derive(secret)

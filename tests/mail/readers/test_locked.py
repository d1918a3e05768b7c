"""Encrypted Office files: a person's password is encryption, Excel's own is not."""

import io
import os

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from mailguard.mail.contents import State

from .specimens import cfb, docx, read, said


def locked(password: str) -> bytes:
    out = io.BytesIO()
    # The library seals small packages wrongly, so this one has a picture.
    plain = docx("<w:p><w:r><w:t>inside</w:t></w:r></w:p>", word__media__photo=os.urandom(9000))
    OOXMLFile(io.BytesIO(plain)).encrypt(password, out)
    return out.getvalue()


def test_a_password_is_encryption():
    document = read(locked("hunter2"), "letter.docx")
    assert (document.state, document.why) == (State.ENCRYPTED, "encrypted with a password")


def test_the_password_every_excel_knows_is_none():
    document = read(locked("VelvetSweatshop"), "letter.docx")
    assert document.state is State.READ
    assert "inside" in said(document)


@pytest.mark.parametrize("streams", [{"EncryptedPackage": b"x", "EncryptionInfo": b"y"}])
def test_a_package_nobody_can_open_counts_as_encrypted(streams: dict[str, bytes]):
    assert read(cfb(streams)).state is State.ENCRYPTED

"""DKIM: what a valid signature covers, and our own signatures verified by dkimpy."""

import base64

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mailguard.actions.signing import Signer, covers, signed_fields
from mailguard.mail.message import Message

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
MAIL = Message.of(b"From: a@council.example\r\nTo: b@out.example\r\nSubject: Bins\r\n\r\nHello\r\n")
SIGNER = Signer("council.example", "mg", PEM)


def record(name: bytes, timeout: int = 5) -> bytes | None:
    return b"v=DKIM1; k=rsa; p=" + PUBLIC if name.startswith(b"mg._domainkey.council.example") else None


async def test_a_signature_of_ours_verifies() -> None:
    signed = await SIGNER.sign(MAIL)
    assert signed.read().endswith(MAIL.read())
    assert dkim.verify(signed.read(), dnsfunc=record)


async def test_a_covered_subject_is_known() -> None:
    signed = await SIGNER.sign(MAIL)
    assert "subject" in signed_fields(signed.head)[0]
    assert await covers(signed, "Subject", record)
    assert not await covers(signed, "X-Mailguard-Tag", record)
    assert not await covers(MAIL, "Subject", record)


async def test_a_signature_that_is_broken_already_covers_nothing() -> None:
    signed = await SIGNER.sign(MAIL)
    broken = Message.of(signed.read().replace(b"Hello", b"Hullo"))
    assert not await covers(broken, "Subject", record)


async def test_a_signature_that_cannot_be_checked_is_believed() -> None:
    signed = await SIGNER.sign(MAIL)
    assert await covers(signed, "Subject", lambda name, timeout=5: None)

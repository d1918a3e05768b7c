"""True encryption against labels, with messages that OpenSSL made."""

from __future__ import annotations

import base64
import os
import subprocess
import time
from pathlib import Path

import pytest

from mailguard.mail.body import text_parts
from mailguard.mail.crypto import cms_kind, inside, sealed
from mailguard.mail.crypto_armour import armoured, looks_random, packets_encrypted, unsealed
from mailguard.mail.mime import parse
from tests.mail.specimens import b64, entity, mail

INNER = b"Content-Type: text/plain\r\n\r\nSigned heron.\r\n" * 20


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder: Path = tmp_path_factory.mktemp("cms")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    (folder / "in").write_bytes(INNER)
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=t", "-keyout", "k", "-out", "c", "-days", "2"
    )
    openssl("cms", "-encrypt", "-binary", "-in", "in", "-outform", "DER", "-out", "cbc", "-aes256", "c")
    openssl("cms", "-encrypt", "-binary", "-in", "in", "-outform", "DER", "-out", "gcm", "-aes-256-gcm", "c")
    openssl(
        "cms",
        "-sign",
        "-binary",
        "-nodetach",
        "-in",
        "in",
        "-outform",
        "DER",
        "-out",
        "signed",
        "-signer",
        "c",
        "-inkey",
        "k",
    )
    openssl("cms", "-sign", "-binary", "-in", "in", "-outform", "DER", "-out", "apart", "-signer", "c", "-inkey", "k")
    return {name: (folder / name).read_bytes() for name in ("cbc", "gcm", "signed", "apart")}


def test_enveloped_data_is_encrypted(made: dict[str, bytes]) -> None:
    assert sealed(made["cbc"]) == "S/MIME enveloped data"
    assert sealed(made["gcm"]) == "S/MIME authenticated enveloped data"
    assert sealed(base64.encodebytes(made["cbc"])) == "S/MIME enveloped data"


def test_signed_data_is_not_encrypted_and_is_read(made: dict[str, bytes]) -> None:
    assert sealed(made["signed"]) == ""
    assert cms_kind(made["signed"]) == "signed_data"
    assert inside(made["signed"]) == INNER
    assert inside(made["apart"]) is None
    assert inside(made["cbc"]) is None


def test_broken_or_labelled_data_is_not_encrypted(made: dict[str, bytes]) -> None:
    for data in (
        b"",
        b"Vote for us",
        b"\x30\x80",
        made["cbc"][:40],
        made["cbc"][: len(made["cbc"]) // 2],
        b"\x30" * 5000,
    ):
        assert sealed(data) == ""
        assert inside(data) is None


def packets(body: bytes) -> bytes:
    key = bytes([0xC1, 20, 3]) + bytes(19)
    return key + bytes([0xD2, 255]) + (len(body) + 1).to_bytes(4, "big") + b"\1" + body


def armour(data: bytes) -> bytes:
    return b"-----BEGIN PGP MESSAGE-----\r\nVersion: x\r\n\r\n" + b64(data) + b"=abcd\r\n-----END PGP MESSAGE-----\r\n"


def test_openpgp_packets_of_a_message_are_encrypted() -> None:
    data = packets(os.urandom(600))
    assert packets_encrypted(data)
    assert sealed(data) == armoured(armour(data)) == "an OpenPGP message"


@pytest.mark.parametrize(
    "data",
    [
        b"PGP payload",
        armour(b"Vote for us, this is no message at all."),
        armour(packets(b"Vote for us. " * 60)),
        armour(packets(os.urandom(600))) + b"Vote for us",
        b"Vote for us\r\n" + armour(packets(os.urandom(600))),
        armour(packets(os.urandom(600))[22:]),
        armour(packets(os.urandom(600)) + b"Vote for us"),
        b"\xd2\xff",
    ],
)
def test_what_only_looks_like_openpgp_is_not_encrypted(data: bytes) -> None:
    assert sealed(data) == ""


def test_a_body_that_is_one_openpgp_message_is_an_encrypted_part() -> None:
    body = text_parts(parse(mail(entity("text/plain", armour(packets(os.urandom(600)))))))
    assert [part.state.value for part in body.parts] == ["encrypted"]
    assert [text.where for text in body.texts] == ["subject"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Version: x", b"Comment: please vote for Ann Marsh"),
        (b"=abcd\r\n", b"=abcd\r\nplease vote for Ann Marsh\r\n"),
        (b"=abcd\r\n", b"please vote for Ann Marsh\r\n=abcd\r\n"),
        (b"=abcd\r\n", b"vote\r\nfor\r\nAnn\r\nMarsh\r\n"),
    ],
)
def test_words_within_the_armour_are_read(old: bytes, new: bytes) -> None:
    """Whoever opens the mail sees them, though the message is encrypted."""
    block = armour(packets(os.urandom(600))).replace(old, new)
    body = text_parts(parse(mail(entity("text/plain", block))))
    said = " ".join(" ".join(text.content for text in body.texts).split())
    assert "vote for Ann Marsh" in said
    assert "vote for Ann Marsh" in " ".join(unsealed(b"Hello\r\n" + block)[0].decode().split())


def test_many_small_messages_take_no_time() -> None:
    blocks = b"".join(armour(packets(os.urandom(10))) for _ in range(9_000))
    began = time.process_time()
    beside, found = unsealed(b"Hello\r\n" + blocks + b"Bye\r\n")
    assert (beside.split(), len(found)) == ([b"Hello", b"Bye"], 9_000)
    assert time.process_time() - began < 1


def test_random_bytes_cannot_be_packed_and_words_can() -> None:
    assert looks_random(os.urandom(5000))
    assert not looks_random(b"Vote for us. " * 100)

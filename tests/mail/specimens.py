"""Specimen mails of our own: each part's words are unlike all others, so that a lost part shows."""

# ruff: noqa: E501  specimen lines stay as mail programs write them

from __future__ import annotations

import base64
import quopri

HEAD = b"From: Ann Marsh <ann@council.example>\r\nTo: ceri@home.example\r\nSubject: Subject walrus\r\nMIME-Version: 1.0\r\n"


def b64(data: bytes) -> bytes:
    """Base64 in CRLF lines."""
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def entity(kind: str, body: bytes, *fields: str) -> bytes:
    """One MIME entity with its header."""
    head = "".join(f"{field}\r\n" for field in (f"Content-Type: {kind}", *fields))
    return head.encode() + b"\r\n" + body


def multipart(kind: str, boundary: str, *parts: bytes, preamble: bytes = b"", epilogue: bytes = b"") -> bytes:
    """A multipart entity."""
    mark = b"--" + boundary.encode()
    body = preamble + b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n" + epilogue
    return entity(f'multipart/{kind}; boundary="{boundary}"', body)


def mail(body: bytes) -> bytes:
    """A whole mail."""
    return HEAD + body


PLAIN = mail(entity("text/plain; charset=utf-8", "Body heron, café.\r\n".encode()))
ALTERNATIVE = mail(
    multipart(
        "alternative",
        "alt",
        entity("text/plain; charset=utf-8", b"Body heron.\r\n"),
        entity(
            "text/html; charset=utf-8",
            quopri.encodestring(b"<html><body><p>Body heron.</p><p>Only otter.</p></body></html>").replace(
                b"\n", b"\r\n"
            ),
            "Content-Transfer-Encoding: quoted-printable",
        ),
    )
)
NESTED = mail(
    multipart(
        "mixed",
        "outer",
        multipart(
            "alternative", "inner", entity("text/plain", b"Body heron.\r\n"), entity("text/html", b"<p>Html otter.</p>")
        ),
        entity("message/rfc822", HEAD.replace(b"walrus", b"badger") + b"\r\nAttached stoat.\r\n"),
        entity(
            'application/octet-stream; name="list.bin"',
            b64(b"Binary weasel " * 20),
            "Content-Transfer-Encoding: base64",
            'Content-Disposition: attachment; filename="list.bin"',
        ),
        entity("text/plain", b64(b"Encoded marten, in base64."), "Content-Transfer-Encoding: base64"),
    )
)
SIGNED = mail(
    multipart(
        "signed",
        "outer",
        entity("text/plain", b"Body heron.\r\n"),
        entity('application/pkcs7-signature; name="smime.p7s"', b64(bytes(300)), "Content-Transfer-Encoding: base64"),
    )
)
BOUNCE = mail(
    multipart(
        "report",
        "outer",
        entity("text/plain", b"Your heron was not delivered.\r\n"),
        entity("message/delivery-status", b"Reporting-MTA: dns; otter.example\r\n\r\nStatus: 5.1.1\r\n"),
        entity("message/rfc822", HEAD + b"Content-Type: text/plain\r\n\r\nReturned stoat.\r\n"),
    )
)
ALL = (PLAIN, ALTERNATIVE, NESTED)

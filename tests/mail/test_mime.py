"""The structure of mails, sound and broken: every text is found, and broken structure is called so."""

# ruff: noqa: E501  specimen lines stay as mail programs write them

from __future__ import annotations

import base64

import pytest

from mailguard.mail.body import text_parts
from mailguard.mail.mime import parse
from mailguard.mail.structure import Structure
from tests.mail.specimens import ALL, ALTERNATIVE, HEAD, NESTED, PLAIN, b64, entity, mail, multipart


def said(structure: Structure) -> str:
    body = text_parts(structure)
    documents = b"\n".join(leaf.data() for leaf in structure.documents).decode("latin-1")
    return "\n".join(f"{text.where}: {text.content}" for text in body.texts) + documents


def test_a_plain_mail() -> None:
    structure = parse(PLAIN)
    assert structure.headers.first("subject") == "Subject walrus"
    assert [leaf.path for leaf in structure.leaves] == ["1"]
    assert structure.leaves[0].data().decode() == "Body heron, café.\r\n"
    assert structure.defects == ()


def test_paths_types_and_documents() -> None:
    structure = parse(NESTED)
    assert [(leaf.path, leaf.declared) for leaf in structure.leaves] == [
        ("1.1", "text/plain"),
        ("1.2", "text/html"),
        ("2.1", "text/plain"),
        ("3", "application/octet-stream"),
        ("4", "text/plain"),
    ]
    assert [leaf.name for leaf in structure.documents] == ["list.bin"]
    assert structure.documents[0].size == len(b"Binary weasel " * 20)
    assert [leaf.top for leaf in structure.leaves] == [True, True, False, True, True]
    assert structure.defects == ()
    for word in ("heron", "otter", "stoat", "badger", "weasel", "marten"):
        assert word in said(structure)


@pytest.mark.parametrize("data", ALL)
def test_sound_mail_is_not_malformed_in_any_line_ending(data: bytes) -> None:
    for ends in (data, data.replace(b"\r\n", b"\n"), data.replace(b"\r\n", b"\r")):
        assert parse(ends).defects == ()
        assert [leaf.declared for leaf in parse(ends).leaves] == [leaf.declared for leaf in parse(data).leaves]


MIX = b"Content-Type: multipart/mixed; boundary=b\r\n"
ONE = b"--b\r\nContent-Type: text/plain\r\n\r\nFirst heron.\r\n"
BROKEN = {
    "multipart without boundary": (
        b"Content-Type: multipart/mixed\r\n\r\n--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + b64(b"Secret otter.") + b"--b--\r\n",
        ["otter"],
        True,
    ),
    "boundary that never occurs": (MIX.replace(b"=b", b"=zz") + b"\r\nOnly heron here.\r\n", ["heron"], True),
    "text in the preamble": (MIX + b"\r\nHidden otter.\r\n" + ONE + b"--b--\r\n", ["heron", "otter"], False),
    "text in the epilogue": (MIX + b"\r\n" + ONE + b"--b--\r\nHidden otter.\r\n", ["heron", "otter"], False),
    "parts after the close": (
        MIX + b"\r\n" + ONE + b"--b--\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(b"Late otter.") + b"--b--\r\n",
        ["heron", "otter"],
        True,
    ),
    "no closing boundary": (MIX + b"\r\n" + ONE, ["heron"], False),
    "two content types": (
        b"Content-Type: text/plain\r\n" + MIX + b"\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(b"Deep otter.")
        + b"--b--\r\n",
        ["otter"],
        True,
    ),
    "two content types, html last": (
        b"Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n<p>Split o<b>tter</b>.</p>\r\n", ["otter"], True
    ),
    "the same content type twice": (b"Content-Type: text/plain\r\nContent-Type: text/plain\r\n\r\nheron\r\n", ["heron"], False),
    "two boundaries in one field": (
        b"Content-Type: multipart/mixed; boundary=zz; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + b64(b"Other otter.") + b"--b--\r\n",
        ["otter"],
        True,
    ),
    "two transfer encodings": (
        b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(b"Twice otter."), ["otter"], True
    ),
    "base64 with a blank after its name": (b"Content-Transfer-Encoding: BaSe64 \r\n\r\n" + b64(b"Odd otter."), ["otter"], False),
    "base64 undeclared": (b"\r\n" + b64(b"Undeclared otter, in a long enough line to be seen."), ["otter"], False),
    "base64 under an unknown name": (b"Content-Transfer-Encoding: x-base64\r\n\r\n" + b64(b"Unknown otter, long enough."), ["otter"], False),
    "quoted-printable undeclared": (b"\r\n" + b"Long lines of he=\r\nron and ot=\r\nter, so=20be=\r\n it.\r\n", ["heron", "otter"], False),
    "junk in base64": (b"Content-Transfer-Encoding: base64\r\n\r\nSnVu!!ay*BvdHRlcg==\r\n", ["Junk otter"], False),
    "base64 cut off": (b"Content-Transfer-Encoding: base64\r\n\r\nQ3V0IG90dGVyLg\r\n", ["Cut otter."], False),
    "colonless header line": (b"X-A: b\r\nHidden otter line\r\n\r\nFirst heron.\r\n", ["heron", "otter"], True),
    "blank before the colon": (b"Subject : Second otter\r\n\r\nFirst heron.\r\n", ["heron", "otter"], True),
    "attached mail in base64": (
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(PLAIN), ["heron"], False
    ),
    "multipart in base64": (
        MIX + b"Content-Transfer-Encoding: base64\r\n\r\n" + b64(ONE + b"--b--\r\n"), ["heron"], True
    ),
    "type without a subtype": (b"Content-Type: text\r\n\r\nFirst heron.\r\n", ["heron"], False),
    "unknown text type": (b"Content-Type: text/x-poem; charset=x-none\r\n\r\nFirst heron.\r\n", ["heron"], False),
    "utf-7 that is ascii": (b"Content-Type: text/plain; charset=utf-7\r\n\r\nFirst +AG8-tter.\r\n", ["First otter"], False),
    "ascii labelled ebcdic": (b"Content-Type: text/plain; charset=cp037\r\n\r\nFirst heron.\r\n", ["First heron"], False),
    "utf-16 unlabelled": (b"\r\n" + "First heron.".encode("utf-16-le"), ["First heron"], False),
    "NUL between letters": (b"Content-Type: text/plain; charset=utf-8\r\n\r\nFirst h\x00e\x00ron.\r\n", ["heron"], False),
    "encoded words in the body": (b"\r\nSee =?utf-8?B?b3R0ZXI=?= here.\r\n", ["otter"], False),
    "html in the preamble": (MIX + b"\r\n<html><p>o<b>tter</b></p></html>\r\n" + ONE + b"--b--\r\n", ["otter"], False),
    "a header alone": (b"X-Last: 1\r\n", ["walrus"], False),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_odd_mail_is_read_in_every_way_and_named_where_it_is_ambiguous(name: str) -> None:
    body, words, malformed = BROKEN[name]
    structure = parse(HEAD + body)
    for word in words:
        assert word in said(structure)
    assert bool(structure.defects) is malformed, structure.defects


def test_two_from_fields_are_malformed_and_both_are_kept() -> None:
    structure = parse(b"From: x@other.example\r\n" + PLAIN)
    assert structure.defects == ("two different From fields",)
    assert len(structure.headers.all("from")) == 2


def test_every_subject_is_a_text() -> None:
    assert "second otter" in said(parse(b"Subject: second otter\r\n" + PLAIN))


def test_partial_and_external_bodies_are_told() -> None:
    structure = parse(HEAD + b"Content-Type: message/partial; id=x; number=1; total=2\r\n\r\nFirst heron.\r\n")
    assert structure.partial
    structure = parse(
        HEAD + b'Content-Type: message/external-body; access-type=URL; URL="http://x.example"\r\n\r\n\r\n'
    )
    assert structure.external == ("1",)
    assert text_parts(structure).parts[-1].why == "its content is kept elsewhere"


def nest(levels: int) -> bytes:
    data = entity("text/plain", b"Deep heron.\r\n")
    for level in range(levels):
        data = multipart("mixed", f"b{level}", data)
    return mail(data)


def test_nesting_beyond_reason_is_malformed_and_still_read() -> None:
    assert parse(nest(20)).defects == ()
    structure = parse(nest(1000))
    assert structure.defects
    assert "heron" in said(structure)


def test_attached_mails_in_mails_end_somewhere() -> None:
    data = PLAIN
    for _ in range(300):
        data = HEAD + b"Content-Type: message/rfc822\r\n\r\n" + data
    structure = parse(data)
    assert structure.defects
    assert "heron" in said(structure)


def test_thousands_of_parts_are_malformed_and_still_read() -> None:
    structure = parse(mail(multipart("mixed", "b", *[b"\r\nx"] * 5000, b"\r\nLast heron.")))
    assert structure.defects
    assert "heron" in said(structure)


@pytest.mark.parametrize(
    "junk", [b"", b"\r\n", b"\x00" * 5000, b"\r" * 500, b"\n" * 500, b":\r\n" * 50, b"From x\r\n", b"\xff\xfe"]
)
def test_rubbish_gives_a_value(junk: bytes) -> None:
    assert parse(junk).headers is not None
    text_parts(parse(junk))


def test_lines_of_a_megabyte_are_read() -> None:
    line = b"heron " * 170_000
    assert "heron" in said(parse(HEAD + b"\r\n" + line))
    assert parse(b"X-Long: " + line + b"\r\n" + HEAD + b"\r\nbody otter\r\n").defects == ()
    assert parse(b"X-Long: " + line * 2 + b"\r\n" + HEAD + b"\r\nbody otter\r\n").defects


def test_a_document_keeps_its_bytes() -> None:
    data = bytes(range(256)) * 41
    leaf = parse(mail(entity("application/pdf", b64(data), "Content-Transfer-Encoding: base64"))).documents[0]
    assert leaf.data() == data
    assert leaf.size == len(data)


def test_equal_alternatives_are_one_text_and_different_ones_are_two() -> None:
    texts = [text.content for text in text_parts(parse(ALTERNATIVE)).texts[1:]]
    assert texts == ["Body heron.", "Body heron.\nOnly otter."]
    same = ALTERNATIVE.replace(b"<p>Only otter.</p>", b"")
    assert [text.content for text in text_parts(parse(same)).texts[1:]] == ["Body heron."]


def test_a_structure_does_not_show_its_content() -> None:
    assert "heron" not in repr(parse(PLAIN).leaves)


def test_signed_clear_content_is_read() -> None:
    data = mail(
        multipart(
            "signed", "s", entity("text/plain", b"Signed heron.\r\n"),
            entity("application/pgp-signature", b"-----BEGIN PGP SIGNATURE-----\r\n\r\n" + base64.b64encode(bytes(60))
                   + b"\r\n-----END PGP SIGNATURE-----\r\n"),
        )
    )  # fmt: skip
    body = text_parts(parse(data))
    assert [part.state.value for part in body.parts] == ["read", "no text"]


def test_a_bare_cr_and_a_bare_lf_in_one_header_end_their_lines() -> None:
    found = parse(b"X: y\r\nSubject: one\rFrom: a@home.example\nTo: b@home.example\r\n\r\nhello\r\n")
    assert found.headers.fields[1:] == (("subject", "one"), ("from", "a@home.example"), ("to", "b@home.example"))


def test_thousands_of_messages_without_bodies_end_somewhere() -> None:
    parts = b"--outer\r\n" * 20_000
    structure = parse(mail(entity("multipart/digest; boundary=outer", parts + b"\r\nLast heron.\r\n--outer--\r\n")))
    assert "more parts, or deeper ones, than are read" in structure.defects
    assert "heron" in said(structure)


def test_thousands_of_encoded_words_are_read() -> None:
    """Here fast-mail-parser is not asked: it takes seconds to minutes."""
    data = PLAIN.replace(b"Subject walrus", b"=?utf-8?q?walrus?= " * 6000)
    structure = parse(data)
    assert structure.defects == ()
    assert structure.subjects[0][1].count("walrus") == 6000

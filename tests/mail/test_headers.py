"""Header fields and addresses, as clients read them."""

# ruff: noqa: E501  specimen lines stay as mail programs write them

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailguard.mail.headers import addresses, charset_text, decode_words, parse_headers, raw_fields

ADDRESSES = {
    "": (),
    "a@b.example": ("a@b.example",),
    "Ann <Ann@Council.Example>": ("ann@council.example",),
    "a@b.example, c@d.example": ("a@b.example", "c@d.example"),
    "a@b.example; c@d.example": ("a@b.example", "c@d.example"),
    '"Marsh, Ann" <a@b.example>, c@d.example': ("a@b.example", "c@d.example"),
    '"evil@x.example" <a@b.example>': ("a@b.example",),
    "evil@x.example <a@b.example>": ("a@b.example",),
    "Team: a@b.example, Ann <c@d.example>;, e@f.example": ("a@b.example", "c@d.example", "e@f.example"),
    "undisclosed-recipients:;": (),
    "Ann (old: x@y.example, \\) z) <a@b.example>": ("a@b.example",),
    '"ann marsh"@b.example': ("annmarsh@b.example",),
    "Jörg <j@müller.example>": ("j@xn--mller-kva.example",),
    "=?utf-8?q?Marsh=2C_Ann?= <a@b.example>": ("a@b.example",),
    "=?utf-8?q?x=40evil.example=2C?= <a@b.example>": ("a@b.example",),
    "=?utf-8?Q?ann=40b.example?=": ("ann@b.example",),
    "<@relay.example,@other.example:user@c.example>": ("user@c.example",),
    '"unclosed <a@b.example>, c@d.example': ("a@b.example",),
    "(unclosed a@b.example, c@d.example": ("a@b.example", "c@d.example"),
    "'a@b.example' <a@b.example>": ("a@b.example",),
    "a@b.example c@d.example": ("a@b.example", "c@d.example"),
    "A@b.example, a@B.example": ("a@b.example",),
}


@pytest.mark.parametrize("value", ADDRESSES)
def test_addresses(value: str) -> None:
    found = addresses(value)
    assert set(ADDRESSES[value]) <= set(found)
    assert not any("evil" in address or "relay" in address for address in found)
    if "unclosed" not in value:
        assert found == ADDRESSES[value]


@given(st.text(alphabet=st.sampled_from('ab@.<>(),;:"\\ =?é\x00\n'), max_size=60))
def test_addresses_never_raise(value: str) -> None:
    assert all(address == address.lower() for address in addresses(value))


def test_a_long_list_is_read_in_linear_time() -> None:
    value = ", ".join(f'"Name {number}" <a{number}@b.example>' for number in range(5000))
    assert len(addresses(value)) == 5000


def test_fields_are_unfolded_and_decoded_and_all_kept() -> None:
    head = b"From: =?utf-8?q?Si=C3=A2n?= <s@b.example>\r\nSubject: one\r\n two\r\n\tthree\r\nsubject: =?iso-8859-1?b?Y2Fm6Q==?=\r\n"
    headers = parse_headers(head)
    assert headers.first("from") == "Siân <s@b.example>"
    assert headers.all("subject") == ("one two\tthree", "café")


def test_a_decoded_name_cannot_become_an_address() -> None:
    headers = parse_headers(b"To: =?utf-8?q?x=40evil.example=2C?= <a@b.example>\r\n")
    assert addresses(headers.first("to")) == ("a@b.example",)


@pytest.mark.parametrize(
    ("word", "read"),
    [
        ("=?utf-8?q?a_b?= =?utf-8?q?c?=", "a bc"),
        ("=?utf-8?b?w6k?=", "é"),
        ("=?x-none?q?=E9?=", "é"),
        ("=?utf-8*cy?q?ie?=", "ie"),
        ("=?utf-8?b?!?=", ""),
        ("=? not a word ?=", "=? not a word ?="),
    ],
)
def test_encoded_words(word: str, read: str) -> None:
    assert decode_words(word) == read


@pytest.mark.parametrize(
    ("head", "names", "odd"),
    [
        (b"From x\r\nTo: a\r\n", ["to"], 0),
        (b"To: a\r\nno name\r\nCc: b\r\n", ["to", "", "cc"], 1),
        (b"Subject : a\r\n", ["subject"], 1),
        ("Subjéct: a\r\n".encode(), [""], 1),
        (b"To: a\nCc: b\n", ["to", "cc"], 0),
        (b"", [], 0),
    ],
)
def test_odd_lines_are_kept_and_counted(head: bytes, names: list[str], odd: int) -> None:
    fields, oddities = raw_fields(head)
    assert [name for name, _ in fields] == names
    assert len(oddities) == odd


def test_bytes_that_are_not_utf8_are_still_text() -> None:
    assert parse_headers(b"Subject: caf\xe9\r\n").first("subject") == "café"
    assert charset_text(b"caf\xe9", "no-such-charset") == "café"
    assert charset_text(b"\x81\x8d", "utf-8") == "\x81\x8d"


@given(st.binary(max_size=300))
def test_any_bytes_give_headers(head: bytes) -> None:
    parse_headers(head)

"""MAIL and RCPT: any bytes give a path or a ProtocolError."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailguard.mail.errors import ProtocolError
from mailguard.mail.reply import Reply
from mailguard.smtp.command import check_mail, check_rcpt, parse
from mailguard.smtp.features import Features

ALL = Features.of(Reply(250, (b"hop", b"SIZE 100", b"8BITMIME", b"SMTPUTF8", b"DSN", b"AUTH PLAIN")))
NONE = Features.of(Reply(250, (b"hop",)))
WORDS = st.sampled_from(
    [
        b"FROM:",
        b"<",
        b">",
        b'"',
        b"\\",
        b"@",
        b"a",
        b" ",
        b":",
        b" SIZE=",
        b"9",
        b" BODY=8BITMIME",
        b"=",
        b"\xff",
        b"\xc3",
    ]
)


@given(st.lists(WORDS, max_size=20).map(b"".join))
def test_any_bytes_give_a_path_or_a_protocol_error(argument: bytes) -> None:
    try:
        path = parse(b"MAIL", b"FROM:", argument)
        check_mail(path, ALL, 50)
    except ProtocolError:
        return
    assert path.line.startswith(b"MAIL FROM:<")
    assert path.line.endswith(b"\r\n")
    assert path.line.count(b"\n") == 1
    again = parse(b"MAIL", b"FROM:", path.line[5:-2])
    assert (again.address, again.options, again.line) == (path.address, path.options, path.line)


@pytest.mark.parametrize(
    ("argument", "address", "options"),
    [
        (b"FROM:<a@b.example>", "a@b.example", ()),
        (b"from: <>  BODY=8bitmime", "", ("BODY=8bitmime",)),
        (b'FROM:<"a b\\"c>"@b.example> ENVID=x+20y', '"a b\\"c>"@b.example', ("ENVID=x+20y",)),
        (b"FROM:<@r1.example,@r2.example:a@b.example>", "a@b.example", ()),
        ("FROM:<jörg@b.example> SMTPUTF8".encode(), "jörg@b.example", ("SMTPUTF8",)),
    ],
)
def test_paths(argument: bytes, address: str, options: tuple[str, ...]) -> None:
    path = parse(b"MAIL", b"FROM:", argument)
    assert (path.address, path.options) == (address, options)
    check_mail(path, ALL, 0)


def test_auth_nobody_is_taken_and_left_out_where_it_was_not_offered() -> None:
    path = parse(b"MAIL", b"FROM:", b"FROM:<a@b.example> AUTH=<> SIZE=5")
    check_mail(path, NONE, 0)
    assert path.line == b"MAIL FROM:<a@b.example> SIZE=5\r\n"
    offered = parse(b"MAIL", b"FROM:", b"FROM:<a@b.example> AUTH=<>")
    check_mail(offered, ALL, 0)
    assert offered.line == b"MAIL FROM:<a@b.example> AUTH=<>\r\n"
    with pytest.raises(ProtocolError):
        check_mail(parse(b"MAIL", b"FROM:", b"FROM:<a@b.example> AUTH=x@b.example"), NONE, 0)


def test_what_is_not_offered_is_refused() -> None:
    for option in (b"BODY=8BITMIME", b"SMTPUTF8", b"RET=FULL", b"ENVID=1"):
        path = parse(b"MAIL", b"FROM:", b"FROM:<a@b.example> " + option)
        check_mail(path, ALL, 0)
        with pytest.raises(ProtocolError, match="555"):
            check_mail(path, NONE, 0)
    for option in (b"NOTIFY=NEVER", b"ORCPT=rfc822;a"):
        path = parse(b"RCPT", b"TO:", b"TO:<a@b.example> " + option)
        check_rcpt(path, ALL, False)
        with pytest.raises(ProtocolError, match="555"):
            check_rcpt(path, NONE, False)


def test_parameters_are_utf8() -> None:
    """Half a character would break the report in which ORCPT and ENVID come back."""
    with pytest.raises(ProtocolError, match=r"5\.5\.2"):
        parse(b"RCPT", b"TO:", b"TO:<a@b.example> ORCPT=rfc822;\xff")


def test_a_long_line_is_read_in_linear_time() -> None:
    for hostile in (b'"' * 4000, b'"\\' * 2000, b"<" * 4000, b"@a:" * 1300, b"a" * 4000):
        with pytest.raises(ProtocolError):
            parse(b"RCPT", b"TO:", b"TO:<" + hostile)

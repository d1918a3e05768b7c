"""What a file holds becomes what the wire would carry."""

from mailguard.cli.bench import Bench, envelope_of, on_the_wire
from mailguard.examine import load_config
from mailguard.mail.contents import Headers
from mailguard.policy.action import Action


def test_lines_end_as_on_the_wire() -> None:
    assert on_the_wire(b"A: b\n\nc\n") == b"A: b\r\n\r\nc\r\n"
    assert on_the_wire(b"A: b\r\n\r\nc\r\n") == b"A: b\r\n\r\nc\r\n"
    assert on_the_wire(b"From x@y Tue Feb  3 10:00:00 2026\nA: b\n\nc\n") == b"A: b\r\n\r\nc\r\n"
    assert on_the_wire(b"\xef\xbb\xbfA: b\n") == b"A: b\r\n"


def test_a_null_return_path_is_the_sender() -> None:
    headers = Headers((("return-path", "<>"), ("from", "a@x.example"), ("to", "b@x.example, b@x.example")))
    envelope = envelope_of(headers, None, ())
    assert envelope.sender == ""
    assert [item.address for item in envelope.recipients] == ["b@x.example"]


def test_a_stranger_is_not_judged() -> None:
    with Bench(load_config(None)) as bench:
        judged = bench.judge(b"From: a@x.example\nTo: b@x.example\n\nMy NHS number is 943 476 5919.\n")
    assert judged.sender is None
    assert judged.verdict.action is Action.PASS
    assert judged.verdict.findings == ()

"""Reading a hop's replies: byte for byte, or an error."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailguard.mail.errors import HopError
from mailguard.mail.reply import Reply
from mailguard.smtp import replies
from mailguard.smtp.replies import ReplyReader

GOOD = [
    b"250 2.1.0 Ok\r\n",
    b"250-one\r\n250-two\r\n250 three\r\n",
    b"550-5.1.1 <x>:\r\n550 5.1.1 no \xff such user\r\n",
    b"354 \r\n",
    b"421 4.3.2 closing\r\n250 and one more\r\n",
]
BAD = [
    b"hello\r\n",
    b"25 short\r\n",
    b"150 too low\r\n",
    b"600 too high\r\n",
    b"250_no mark\r\n",
    b"250-one\r\n251 two\r\n",
    b"250 a\rb\r\n",
    b"250 a\nb\r\n",
    b"250 a\0b\r\n",
    b"\r\n",
    b"250-" + b"x" * 5000 + b"\r\n",
    b"x" * 5000,
    b"250-a\r\n" * 30000,
]


@pytest.mark.parametrize("wire", GOOD)
@pytest.mark.parametrize("step", [1, 3, 1000])
def test_replies_keep_their_bytes(wire: bytes, step: int) -> None:
    reader, found = ReplyReader(), []
    for at in range(0, len(wire), step):
        found += reader.feed(wire[at : at + step])
    assert b"".join(reply.wire for reply in found) == wire
    assert reader.empty


@pytest.mark.parametrize("wire", BAD)
@pytest.mark.parametrize("step", [1, 3, 100_000])
def test_garbage_is_an_error(wire: bytes, step: int) -> None:
    def read() -> None:
        reader = ReplyReader()
        for at in range(0, len(wire), step):
            reader.feed(wire[at : at + step])

    with pytest.raises(HopError):
        read()


@given(st.binary(max_size=60), st.integers(1, 9))
@example(b"250-a\r\n250 b\r\n", 1)
def test_any_bytes_give_replies_or_an_error(data: bytes, step: int) -> None:
    def read(pieces: list[bytes]) -> list[Reply] | None:
        reader, found = ReplyReader(), []
        try:
            for piece in pieces:
                found += reader.feed(piece)
        except HopError:
            return None
        return found

    assert read([data]) == read([data[at : at + step] for at in range(0, len(data), step)])


def test_our_own_replies_carry_an_enhanced_code_of_their_class() -> None:
    ours = [reply for reply in vars(replies).values() if isinstance(reply, Reply) and reply is not replies.GO_AHEAD]
    assert len(ours) > 20
    for reply in ours:
        assert reply.lines[0][:1] == str(reply.code)[:1].encode(), reply
        assert reply.lines[0][1:2] == b"."

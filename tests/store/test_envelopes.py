"""An envelope comes back as it was, without the client's name."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from mailguard.mail.envelope import Envelope, Recipient
from mailguard.store.envelopes import pack, unpack

words = st.text(st.characters(), max_size=20)
options = st.lists(words, max_size=3).map(tuple)


@given(words, st.lists(st.builds(Recipient, words, options), max_size=4).map(tuple), options)
def test_what_is_packed_comes_back(sender: str, recipients: tuple[Recipient, ...], params: tuple[str, ...]) -> None:
    envelope = Envelope(sender, recipients, params)
    assert unpack(json.loads(json.dumps(pack(envelope)))) == envelope


def test_who_was_connected_is_not_kept() -> None:
    envelope = Envelope("a@b", (), (), peer="192.0.2.1", helo="client.example", user="cllr", tls=True)
    assert unpack(pack(envelope)) == Envelope("a@b", ())

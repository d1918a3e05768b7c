"""What the texts of a message become: hash of the new words, hidden text, files in text."""

from __future__ import annotations

from mailguard.mail.body import new_text_hash, text_parts
from mailguard.mail.contents import Contents, Layer
from mailguard.mail.mime import parse
from tests.mail.specimens import ALTERNATIVE, HEAD, PLAIN, entity, mail


def contents(data: bytes) -> Contents:
    structure = parse(data)
    body = text_parts(structure)
    return Contents(structure.headers, tuple(body.parts), tuple(body.texts))


def test_the_hash_is_of_new_words_alone() -> None:
    new = b"Content-Type: text/plain\r\n\r\nThe bins are emptied\r\non Friday.\r\n"
    again = b"Content-Type: text/html\r\n\r\n<p>The <b>bins</b> are emptied on Friday.</p>\r\n"
    quoted = new + b"\r\nOn 3 May 2022, Ceri wrote:\r\n> old words\r\n"
    first = new_text_hash(contents(HEAD + new))
    assert new_text_hash(contents(HEAD + again)) == first
    assert new_text_hash(contents(HEAD + b"In-Reply-To: <x@y>\r\n" + quoted)) == first
    assert new_text_hash(contents(HEAD + new.replace(b"Friday", b"Monday"))) != first


def test_mails_without_new_words_are_not_all_the_same() -> None:
    empty = b"Content-Type: text/plain\r\n\r\n\r\n"
    assert new_text_hash(contents(HEAD + empty)) != new_text_hash(contents(HEAD.replace(b"walrus", b"seal") + empty))


def test_hidden_words_are_told_and_a_preheader_is_not() -> None:
    page = b"<p>heron</p><p style='color:white'>otter</p><p style='display:none'>stoat</p>"
    body = text_parts(parse(mail(entity("text/html", page))))
    assert [text.content for text in body.texts if text.layer is Layer.HIDDEN] == ["stoat", "otter"]
    assert len(body.hidden) == 2
    body = text_parts(parse(mail(entity("text/html", b"<p>heron</p><p style='display:none'>In this issue</p>"))))
    assert [text.hidden for text in body.texts if text.hidden] == ["not displayed"]
    assert body.hidden == []


def test_attached_mail_is_forwarded_text() -> None:
    body = text_parts(parse(HEAD + b"Content-Type: message/rfc822\r\n\r\n" + PLAIN))
    assert {text.layer for text in body.texts if text.part} == {Layer.FORWARDED}


def test_marks_in_plain_text_open_nothing() -> None:
    body = text_parts(parse(mail(entity("text/plain", b"\x04\r\n\x03Vote otter\r\nheron\r\n"))))
    assert "otter" in next(text.content for text in body.texts if text.layer is Layer.NEW)


def test_a_given_layer_is_that_of_all_texts() -> None:
    assert {text.layer for text in text_parts(parse(ALTERNATIVE), Layer.ATTACHMENT).texts} == {Layer.ATTACHMENT}

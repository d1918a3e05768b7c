"""Second and third opinions on a structure. Law: text that only another parser sees becomes an extra reading."""

from __future__ import annotations

import contextlib
import email
import email.policy
from collections.abc import Iterator
from email.message import Message
from typing import Any

import fast_mail_parser

from mailguard.mail.mime_walk import TOO_MANY, Walk
from mailguard.mail.structure import Leaf

# The standard library's parser recurses: 1,500 levels of nesting end in RecursionError (seen in 3.11).
_STDLIB_LIMIT = 4_000_000
# fast-mail-parser takes quadratic time for the encoded words of one field (70,000 of them: 12 s).
_ENCODED_WORDS = 5000


def second_opinion(data: bytes, walk: Walk) -> bool:
    """True where fast-mail-parser sees the same leaves: as many, with as many encoded bytes."""
    nodes = _fast(data)
    if not nodes or len(nodes) != len(walk.leaves):
        return False
    return all(
        node.encoded_size is None or abs(node.encoded_size - (leaf.end - leaf.start)) <= 2
        for node, leaf in zip(nodes, walk.leaves, strict=True)
    )


def _fast(data: bytes) -> list[Any]:
    """The leaves that fast-mail-parser sees; none where it fails, or would take too long."""
    if data.count(b"=?") > _ENCODED_WORDS:
        return []
    try:
        return list(_leaves(fast_mail_parser.parse_email_tree(data, mode="lazy")))
    except fast_mail_parser.ParseError:
        return []


def _leaves(node: Any) -> Iterator[Any]:
    if not node.children:
        yield node
    for child in node.children:
        yield from _leaves(child)


def third_opinion(data: bytes, walk: Walk) -> None:
    """Add, as one extra reading each, texts that the standard library or fast-mail-parser sees and the walk did not."""
    seen = {line.strip() for leaf in (*walk.leaves, *walk.extras) for line in leaf.data().splitlines()}
    for where, content in _others(data, walk):
        missing = [line for line in content.splitlines() if line.strip() and line.strip() not in seen]
        if missing:
            # Lines that begin like a delimiter are boundaries the other parser took for text.
            if not all(line.startswith(b"--") for line in missing):
                walk.defects["two parsers differ"] = None
            text = b"\r\n".join(missing)
            seen.update(line.strip() for line in missing)
            walk.extras.append(Leaf("1", "", "text/plain", "", "", "", "", "", "-", "", where, text, 0, len(text)))


def _others(data: bytes, walk: Walk) -> Iterator[tuple[str, bytes]]:
    for node in _fast(data):
        with contextlib.suppress(fast_mail_parser.ParseError):
            yield "text only another parser sees", node.content or b""
    # Of parts beyond the limit it makes objects by the hundred thousand; the walk has their bytes.
    if len(data) > _STDLIB_LIMIT or TOO_MANY in walk.defects:
        return
    try:
        message: Message = email.message_from_bytes(data, policy=email.policy.compat32)
        for part in message.walk():
            if not part.is_multipart():
                payload = part.get_payload(decode=True)
                yield "text only another parser sees", payload if isinstance(payload, bytes) else b""
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError):
        walk.defects["the standard parser fails on it"] = None

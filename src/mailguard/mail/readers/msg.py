"""Outlook messages (msg). Law: all bodies, every string, every recipient and attachment, mails in mails included.

MS-OXMSG over olefile: a property that is broken costs itself alone. Property numbers are those of MS-OXPROPS.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.parser import HeaderParser

import compressed_rtf

from mailguard.mail.contents import State
from mailguard.mail.headers import decode_words
from mailguard.mail.readers import ole, rtf
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.msg_store import Store, stores

_CLASS, _SUBJECT, _BODY, _RTF, _HTML, _HEADERS = 0x001A, 0x0037, 0x1000, 0x1009, 0x1013, 0x007D
_SENDER_NAME, _SENDER_ADDRESS, _SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
_FOR_NAME, _FOR_ADDRESS, _FOR_SMTP = 0x0042, 0x0065, 0x5D02
_NAME, _ADDRESS, _SMTP = 0x3001, 0x3003, 0x39FE
_DATA, _LONG_NAME, _SHORT_NAME, _MIME = 0x3701, 0x3707, 0x3704, 0x370E
_DATES = {0x0039: "date", 0x3A42: "birthday", 0x3A41: "anniversary"}
_SHOWN = ("date", "cc", "to", "bcc", "reply-to")
# Told already, or written by programs for programs: classes, kinds of addresses, search keys, numbers of messages.
_TOLD = frozenset({
    _CLASS, _SUBJECT, _BODY, _HTML, _HEADERS, 0x003D, 0x0070, 0x0E1D, 0x0064, 0x0066, 0x0075, 0x0077, 0x0C1E, 0x1035,
    0x1039, 0x1042, 0x3002, 0x0E28, 0x0E29, 0x0E0A, 0x3FFA, 0x3FF8, 0x6633,
})  # fmt: skip
_NAMED = 0x8000


def read(data: bytes, out: Reading) -> None:
    """Read an Outlook message into `out`. Raises Refused."""
    with ole.opened(data) as file:
        _message(stores(file, out), out)


@dataclass
class _Said:
    """What a message said so far, so that its other strings are told once."""

    text: str = field(default="", repr=False)

    def new(self, value: str) -> bool:
        words = " ".join(value.split())
        if len(words) < 2 or words.lower().startswith("/o=") or words in self.text:
            return False
        self.text += f"\n{words}"
        return True


def _message(store: Store, out: Reading) -> None:
    said = _Said()
    head = _head(store)
    out.text("\n".join(head), "header fields")
    body = store.text(_BODY)
    out.text(body)
    said.text = " ".join("\n".join([*head, body]).split())
    html = store.html(_HTML)
    if html:
        out.budget.inflate(len(html))
        out.member("body.html", html, "text/html")
    _rich(store, body, bool(html), out)
    out.text("\n".join(_others(store, said)), "properties")
    for child in store.children("__attach_"):
        _attachment(child, out)
    if store.damaged():
        out.refuse(State.BROKEN, "the message is damaged: a property of it cannot be read")


def _head(store: Store) -> list[str]:
    sender = _person(store, _SENDER_NAME, _SENDER_SMTP, _SENDER_ADDRESS)
    behalf = _person(store, _FOR_NAME, _FOR_SMTP, _FOR_ADDRESS)
    head = [f"from: {sender or behalf}", f"subject: {store.text(_SUBJECT)}"]
    if behalf and sender and behalf != sender:
        head.append(f"on behalf of: {behalf}")
    head += [f"to: {_person(child, _NAME, _SMTP, _ADDRESS)}" for child in store.children("__recip_")]
    fields = HeaderParser().parsestr(store.text(_HEADERS)).items()
    head += [f"{key}: {decode_words(value)}" for key, value in fields if key.lower() in _SHOWN]
    return head + [f"{label}: {day}" for number, label in _DATES.items() if (day := store.date(number))]


def _person(store: Store, *numbers: int) -> str:
    """Name and address; the internal name of an Exchange mailbox is none."""
    found = [store.text(number) for number in numbers]
    return " ".join(dict.fromkeys(value for value in found if value and not value.lower().startswith("/o=")))


def _rich(store: Store, body: str, html: bool, out: Reading) -> None:
    """The body as rich text, where it says more than the plain one (Outlook makes either of the other)."""
    packed = store.raw(_RTF)
    if not packed:
        return
    try:
        # Outlook's own checksums are wrong at times.
        plain = bytes(compressed_rtf.decompress(packed))
    except Exception:  # the library raises bare Exception
        if not body and not html:
            out.refuse(State.BROKEN, "the rich text of the message is broken")
        return
    out.budget.inflate(len(plain))
    wrapped = rtf.from_html(plain)
    if not (html if wrapped else rtf.says_no_more(plain, body)):
        out.member("body.rtf", plain, "text/rtf")


def _others(store: Store, said: _Said) -> list[str]:
    """All other strings: of contacts, tasks and meetings; categories, places, the names of blind copies."""
    found = [value for number, value in store.strings() if number not in _TOLD and said.new(value)]
    if "distlist" in store.text(_CLASS).lower():
        # Members of a list stand in entry ids.
        lists = [ole.scrape(value) for number, value in store.binaries() if number >= _NAMED]
        found += [value for value in lists if said.new(value)]
    return found


def _attachment(store: Store, out: Reading) -> None:
    name = store.text(_LONG_NAME) or store.text(_SHORT_NAME) or store.text(_NAME)
    content = store.raw(_DATA)
    if content:
        out.budget.inflate(len(content))
        out.member(name or "attachment", content, store.text(_MIME))
    inner = store.child(_DATA)
    if inner is None:
        return
    if inner.is_message:
        with out.inside(name or "attached message", "msg") as child:
            if child.state is State.READ:
                _message(inner, child)
    else:
        ole.embedded(inner.file, out, inner.path)

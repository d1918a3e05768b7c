"""Judges mails that lie in files, with no store, hop or socket. Law: what it says is what the gateway would do.

Counted over several mails is nothing here: each file stands for itself.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from mailguard.config import Config
from mailguard.examine import MailMaker, build_examiner, build_register
from mailguard.mail.contents import Contents, Headers
from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.headers import parse_headers
from mailguard.mail.mail import Mail
from mailguard.mail.message import Message
from mailguard.mail.people import Member, Sender
from mailguard.mail.pool import Pool
from mailguard.mail.reader import Reader
from mailguard.matching.masking import Fingerprints
from mailguard.people import addresses_in, sender_of
from mailguard.policy.calendar import Calendar
from mailguard.policy.facts import facts_of
from mailguard.policy.verdict import Verdict

_LONE = re.compile(rb"(?<!\r)\n")


@dataclass(frozen=True)
class Judged:
    """One mail with its verdict; `sender` is None where the policy does not bind who sent it."""

    contents: Contents
    verdict: Verdict
    sender: Sender | None
    mail: Mail


class Bench:
    """Everything one configuration makes of a mail, but for what needs a store or a network."""

    def __init__(self, config: Config) -> None:
        """Raises ConfigError where a rule's expression is not RE2."""
        self.config = config
        self.examiner = build_examiner(config, Fingerprints(b"explain"))
        self.register = build_register(config)
        self._make = MailMaker(config, self.register)
        self._calendar = Calendar(config.polls)
        self._pool = Pool(config.settings.readers.limits)
        self._reader = Reader(self._pool)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the reader's process, if one was started."""
        self._runner.run(self._pool.stop())
        self._runner.close()

    def judge(
        self, data: bytes, *, sender: str | None = None, recipients: tuple[str, ...] = (), at: datetime | None = None
    ) -> Judged:
        """The verdict on a mail's bytes (CRLF or LF); `sender` and `recipients` as the envelope would give them."""
        message = Message.of(on_the_wire(data))
        headers = parse_headers(message.head)
        envelope = envelope_of(headers, sender, recipients)
        moment = at or datetime.now(UTC)
        person = sender_of(envelope, message.head, self.register)
        contents = self._runner.run(self._read(message))
        who = person or Sender(Member(address=envelope.sender))
        mail = self._make("file", envelope, message, contents, who, at=moment)
        return Judged(contents, self._decide(mail, judged=person is not None), person, mail)

    async def _read(self, message: Message) -> Contents:
        deadline = asyncio.get_running_loop().time() + self.config.settings.limits.deadline
        return await self._reader.read(message, deadline=deadline, waiting=False)

    def _decide(self, mail: Mail, *, judged: bool) -> Verdict:
        periods = self._calendar.periods(mail.at, mail.sender.member.ward)
        if not judged:
            return self.config.policy.decide((), (), facts_of(mail, (), periods))
        examined = self.examiner.examine(mail)
        facts = facts_of(mail, examined.findings, periods)
        return self.config.policy.decide(examined.findings, examined.exemptions, facts, examined.failed)


def on_the_wire(data: bytes) -> bytes:
    """A mail as a file holds it, with the line ends and without the "From " line it has in an mbox."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2]
    return _LONE.sub(b"\r\n", data) if b"\r\n" not in data[:4096] else data


def envelope_of(headers: Headers, sender: str | None, recipients: tuple[str, ...]) -> Envelope:
    """The envelope as given, else read from the mail: Return-Path or From; To, Cc and Bcc."""
    if sender is None:
        named = headers.all("return-path") or headers.all("from")
        sender = next((found for field in named for found in addresses_in(field)), "")
    shown = [found for name in ("to", "cc", "bcc") for field in headers.all(name) for found in addresses_in(field)]
    distinct = dict.fromkeys(recipients or shown)
    return Envelope(sender, tuple(Recipient(address) for address in distinct))

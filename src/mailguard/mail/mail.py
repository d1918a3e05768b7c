"""One mail as the rules see it. Law: a rule sees this and nothing else: no SMTP, no store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailguard.mail.contents import Contents
from mailguard.mail.envelope import Envelope
from mailguard.mail.message import Message
from mailguard.mail.people import Audience, Council, Sender


@dataclass(frozen=True)
class Mail:
    """What travels, who sends it to whom, what is in it, and when (aware, UTC)."""

    id: str
    envelope: Envelope
    message: Message
    contents: Contents
    sender: Sender
    audience: Audience
    council: Council
    at: datetime

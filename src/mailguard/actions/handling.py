"""What an action is given and what it gives back. Law: the public reply and the private reason are two fields."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mailguard.actions.signing import Signer
from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.mail import Mail
from mailguard.mail.message import Message
from mailguard.mail.reply import Reply
from mailguard.notices.compose import Templates
from mailguard.notices.dsn import Status, dsn
from mailguard.policy.verdict import Verdict
from mailguard.smtp.hop import HopPool
from mailguard.smtp.transaction import Transaction
from mailguard.store.deliveries import DSN, NewDelivery
from mailguard.store.store import Store

NEXT_HOP = "next_hop"


@dataclass(frozen=True)
class Route:
    """A hop and what asks it to encrypt: a subject prefix, a header field (`Name: value`), or neither."""

    name: str
    hop: HopPool
    subject_prefix: str = ""
    header: str = ""


@dataclass(frozen=True)
class Services:
    """What actions and courier share: made once per configuration by the daemon, never changed."""

    store: Store
    routes: Mapping[str, Route]
    templates: Templates
    hostname: str
    notices_from: str
    council: str = ""
    web_url: str = ""
    signer: Signer | None = None

    def link(self, case: str) -> str:
        """Where a case can be read, or "" where the operator has named no page for it."""
        return f"{self.web_url.rstrip('/')}/cases/{case}" if self.web_url and case else ""

    def dsn(
        self, envelope: Envelope, message: Message, statuses: Sequence[Status], case: str | None = None
    ) -> tuple[NewDelivery, Message] | None:
        """The report on these recipients, ready to be stored; None where nobody is to be told."""
        at = self.store.clock()
        report = dsn(envelope, message, statuses, reporter=self.hostname, sender=self.notices_from, at=at)
        if report is None:
            return None
        back = Envelope("", (Recipient(envelope.sender),))
        return NewDelivery(kind=DSN, route=NEXT_HOP, envelope=back, case=case), report


@dataclass(frozen=True)
class Handling:
    """One mail on its way through an action. `message` is what may be sent on (a redeemed token removed);
    `received` our own trace field; `clauses` the ids that decided."""

    transaction: Transaction
    mail: Mail
    verdict: Verdict
    services: Services
    message: Message
    received: bytes

    @property
    def envelope(self) -> Envelope:
        """The envelope as accepted."""
        return self.transaction.envelope

    @property
    def sealed(self) -> bool:
        """True where the mail is marked personal: nothing readable of it is kept (PER-1)."""
        return "personal" in self.verdict.facts.marks

    @property
    def at(self) -> datetime:
        """When the mail came (aware, UTC)."""
        return self.mail.at

    def only(self, recipients: tuple[Recipient, ...]) -> Envelope:
        """The same envelope to some of its recipients."""
        envelope = self.envelope
        return Envelope(envelope.sender, recipients, envelope.options, envelope.peer, envelope.helo, None, envelope.tls)


@dataclass(frozen=True)
class Outcome:
    """`reply` is for the client; `ended` for the journal (delivered, held, refused by hop, ...).

    `follow_up` is what remains to be done once the reply is settled (case of an encrypted mail, notices); it
    gives the case number, and its failure is logged and never changes the reply.
    """

    reply: Reply
    ended: str
    case: str = ""
    delivered: bool = False
    follow_up: Callable[[], Awaitable[str]] | None = field(default=None, compare=False)

    @classmethod
    def of_hop(cls, reply: Reply) -> Outcome:
        """The next hop's own reply, unchanged."""
        return cls(reply, "delivered" if reply.positive else "refused by hop", delivered=reply.positive)

"""Who receives, by where they are. Law: each mailbox counts once, and the sender's own copy not at all (VOL-1)."""

from __future__ import annotations

from collections.abc import Collection

from mailguard.mail.contents import Headers
from mailguard.mail.envelope import Envelope
from mailguard.mail.people import Audience, Council, Sender
from mailguard.people.addresses import addresses_in, domain_of, fold_address, within
from mailguard.people.members import Register


def audience(  # noqa: PLR0917
    envelope: Envelope,
    headers: Headers,
    sender: Sender,
    register: Register,
    council: Council,
    freemail: Collection[str],
) -> Audience:
    """To, Cc and envelope together. `freemail` are domains whose addresses are private persons'.

    `own_private` holds the sender's registered private addresses among the recipients (SEC-3).
    """
    known = register.known(sender.member)
    own = known.own | {fold_address(sender.delegate), fold_address(envelope.sender), ""}
    shown = {address for name in ("to", "cc") for field in headers.all(name) for address in addresses_in(field)}
    sent = {fold_address(recipient.address) for recipient in envelope.recipients}
    everyone = frozenset((shown | sent) - own)
    external = frozenset(item for item in everyone if not within(domain_of(item), council.domains))
    return Audience(
        everyone=everyone,
        envelope=frozenset(sent - own),
        visible=frozenset(shown - own),
        external=external,
        secure=frozenset(item for item in external if within(domain_of(item), council.secure_domains)),
        private=frozenset(item for item in external if domain_of(item) in freemail),
        group=register.group(sender.member),
        members=register.members_among(everyone),
        own_private=everyone & known.private,
        delegates=known.delegates,
    )

"""Who receives, by where they are. Law: each mailbox counts once, and the sender's own copy not at all (VOL-1)."""

from __future__ import annotations

import re
from collections.abc import Collection

from mailguard.mail.contents import Headers
from mailguard.mail.envelope import Envelope
from mailguard.mail.people import Audience, Council, Member, Sender
from mailguard.people.addresses import addresses_in, domain_of, fold_address, within
from mailguard.people.members import Register

_LETTERS = re.compile(r"[^a-z]+")


def audience(  # noqa: PLR0917
    envelope: Envelope,
    headers: Headers,
    sender: Sender,
    register: Register,
    council: Council,
    freemail: Collection[str],
) -> Audience:
    """To, Cc and envelope together. `freemail` are domains whose addresses are private persons'."""
    own = {fold_address(address) for address in (sender.member.address, *sender.member.aliases) if address}
    own.add(fold_address(sender.delegate) if sender.delegate else "")
    own.add(fold_address(envelope.sender))
    shown = {address for name in ("to", "cc") for field in headers.all(name) for address in addresses_in(field)}
    sent = {fold_address(recipient.address) for recipient in envelope.recipients}
    everyone = frozenset((shown | sent) - own - {""})
    external = frozenset(item for item in everyone if not within(domain_of(item), council.domains))
    return Audience(
        everyone=everyone,
        envelope=frozenset(sent - own),
        visible=frozenset(shown - own),
        external=external,
        secure=frozenset(item for item in external if within(domain_of(item), council.secure_domains)),
        private=frozenset(item for item in external if domain_of(item) in freemail),
        group=register.group(sender.member),
        own_private=frozenset(item for item in external if is_own_private(item, sender.member, freemail)),
        delegates=frozenset(fold_address(address) for address in sender.member.delegates),
    )


def is_own_private(address: str, member: Member, freemail: Collection[str]) -> bool:
    """True for a registered private address, and for a free-mail address in the member's own name (SEC-3)."""
    if address in {fold_address(item) for item in member.private_addresses}:
        return True
    if domain_of(address) not in freemail:
        return False
    local = _LETTERS.sub("", address.partition("@")[0])
    council = _LETTERS.sub("", member.address.partition("@")[0]).removeprefix("cllr").removeprefix("councillor")
    names = [_LETTERS.sub("", word) for word in member.name.lower().split()]
    first_and_last = [word for word in names if len(word) > 1 and word not in _TITLES]
    whole = len(first_and_last) > 1 and local in {"".join(first_and_last), "".join(reversed(first_and_last))}
    return whole or (len(council) > 5 and local == council)


_TITLES = frozenset({"cllr", "councillor", "county", "mr", "mrs", "ms", "miss", "dr", "sir", "dame", "lord", "lady"})

"""Who sends: a member, or a delegate for one. Law: a mail that is not a member's costs a few dictionary look-ups.

Forgery (SEC-5) is noted here and judged by a clause: envelope, header From and authenticated name must belong
to one member or to a delegate he listed.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Literal, NamedTuple

from mailguard.mail.people import Council, Member, Sender
from mailguard.people.addresses import addresses_in, domain_of, fold_address, is_rewritten, within

LONGEST = 1000
"""Characters of names that are remembered: a header may hold a megabyte of them, and anybody can send one."""


class Known(NamedTuple):
    """A member's folded addresses: those he sends from, his private ones, his delegates'."""

    own: frozenset[str]
    private: frozenset[str]
    delegates: frozenset[str]

    @classmethod
    def of(cls, member: Member) -> Known:
        """All he is recorded with."""
        return cls(
            frozenset(fold_address(address) for address in (member.address, *member.aliases)),
            frozenset(fold_address(address) for address in member.private_addresses),
            frozenset(fold_address(address) for address in member.delegates),
        )


class Register:
    """The members by every address that is theirs, and by those of their delegates."""

    def __init__(
        self, members: Iterable[Member], council: Council, scope: Literal["members", "domain"] = "members"
    ) -> None:
        self.members = tuple(members)
        self.council, self.scope = council, scope
        self._own: dict[str, Member] = {}
        self._private: dict[str, Member] = {}
        self._delegates: dict[str, tuple[Member, ...]] = {}
        self._groups: dict[str, frozenset[str]] = {}
        self._known = {member: Known.of(member) for member in self.members}
        # A member writes from one program on one machine: the same names come again and again.
        self._remembered = functools.lru_cache(maxsize=4096)(self._find)
        for member in self.members:
            for address in (member.address, *member.aliases):
                self._own.setdefault(fold_address(address), member)
            for address in member.private_addresses:
                self._private.setdefault(fold_address(address), member)
            for address in member.delegates:
                folded = fold_address(address)
                self._delegates[folded] = (*self._delegates.get(folded, ()), member)
            if member.group:
                key = member.group.casefold()
                addresses = {fold_address(address) for address in (member.address, *member.aliases)}
                self._groups[key] = self._groups.get(key, frozenset()) | addresses

    def find(
        self,
        envelope_sender: str,
        header_from: str,
        header_sender: str,
        user: str | None,
        forwarded_by: str = "",
    ) -> Sender | None:
        """For whom this mail is sent; None where it is nobody's whom the policy binds.

        `header_from` and `header_sender` are the decoded fields, `user` the authenticated name, and
        `forwarded_by` the fields in which a forwarder names himself (Resent-From and the like).
        """
        length = len(envelope_sender) + len(header_from) + len(header_sender) + len(forwarded_by)
        asked = self._remembered if length <= LONGEST else self._find
        return asked(envelope_sender, header_from, header_sender, user, forwarded_by)

    def _find(
        self, envelope_sender: str, header_from: str, header_sender: str, user: str | None, forwarded_by: str
    ) -> Sender | None:
        envelope = "" if is_rewritten(envelope_sender) else fold_address(envelope_sender)
        authors = addresses_in(header_from)
        login = self._login(user)
        named = [*authors, envelope, login]
        member = next((self._own[address] for address in named if address in self._own), None)
        delegate = next((address for address in (envelope, login, *authors) if address in self._delegates), "")
        if member is None and not delegate:
            return self._of_domain(named)
        names = _Names(authors, [address for address in (envelope, login) if address], header_sender, forwarded_by)
        forged = self._forged(names)
        if member is None:
            return Sender(self._delegates[delegate][0], delegate, forged)
        acts = delegate and self._own.get(delegate) is not member and member in self._delegates[delegate]
        return Sender(member, delegate if acts else "", forged)

    def group(self, member: Member) -> frozenset[str]:
        """The addresses of the member's own political group, his own among them."""
        return self._groups.get(member.group.casefold(), frozenset()) if member.group else frozenset()

    def members_among(self, addresses: Iterable[str]) -> frozenset[str]:
        """Those of the folded addresses that are a member's own."""
        return frozenset(address for address in addresses if address in self._own)

    def known(self, member: Member) -> Known:
        """His addresses, folded once."""
        return self._known.get(member) or Known.of(member)

    def member_at(self, address: str) -> Member | None:
        """The member whose council address this is."""
        return self._own.get(fold_address(address))

    def _login(self, user: str | None) -> str:
        """The authenticated name as an address; a bare name is tried in each of the council's domains."""
        if not user:
            return ""
        if "@" in user:
            return fold_address(user)
        names = (fold_address(f"{user}@{domain}") for domain in self.council.domains)
        return next((name for name in names if name in self._own or name in self._delegates), "")

    def _of_domain(self, named: list[str]) -> Sender | None:
        if self.scope != "domain":
            return None
        for address in named:
            if address and within(domain_of(address), self.council.domains):
                return Sender(Member(address=address))
        return None

    def _speaks_for(self, address: str) -> set[str]:
        """Whose mail an address may send: its owner's, and that of members who listed it as a delegate's."""
        owners = (self._own.get(address), self._private.get(address), *self._delegates.get(address, ()))
        return {owner.address for owner in owners if owner}

    def _forged(self, names: _Names) -> str:
        """Why the names do not belong to one member or his delegate; "" where they do (SEC-5)."""
        for author in names.authors:
            wanted = self._speaks_for(author)
            for actor in names.actors:
                allowed = self._speaks_for(actor)
                if actor == author or wanted & allowed:
                    continue
                if wanted:
                    return (
                        "The From field names a member, and an address that is not his or a delegate's sent the mail."
                    )
                if allowed and not names.declared & {actor} and not names.forwarders & {actor}:
                    return "A member sent the mail, and its From field names somebody else."
        if not names.authors and len(names.actors) > 1:
            one, other = (self._speaks_for(actor) for actor in names.actors)
            if names.actors[0] != names.actors[1] and not one & other:
                return "The envelope and the authenticated name belong to different people."
        return ""


class _Names:
    """All names one mail gives its sender. `actors` are the envelope's and the authenticated one."""

    def __init__(self, authors: list[str], actors: list[str], header_sender: str, forwarded_by: str) -> None:
        self.authors, self.actors = authors, actors
        self.declared = frozenset(addresses_in(header_sender))
        self.forwarders = frozenset(addresses_in(forwarded_by))

"""Who sends and who receives, as values. Law: these values never leave in logs, metrics or headers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from mailguard.mail.fold import fold


@dataclass(frozen=True)
class Member:
    """An elected member: a row of members.csv. Addresses are lower case."""

    address: str
    aliases: tuple[str, ...] = ()
    name: str = ""
    ward: str = ""
    party: str = ""
    group: str = ""
    posts: tuple[str, ...] = ()
    private_addresses: tuple[str, ...] = ()
    delegates: tuple[str, ...] = ()
    outside_bodies: tuple[str, ...] = ()

    @cached_property
    def folded_name(self) -> str:
        """The name as patterns match it (see `fold`): asked for on every mail."""
        return fold(self.name)

    def __hash__(self) -> int:
        """By the address alone: it is one member's, and this is asked for on every mail."""
        return hash(self.address)


@dataclass(frozen=True)
class Sender:
    """For whom a mail is sent: the member, and the delegate's address where one sends for him (MON-9).

    `forged` says that envelope, header and authenticated name belong to different people (SEC-5).
    """

    member: Member
    delegate: str = ""
    forged: str = ""


@dataclass(frozen=True)
class Council:
    """What the council told us of itself: its domains (with subdomains), secure domains, phone ranges."""

    domains: tuple[str, ...]
    secure_domains: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    name: str = ""

    @cached_property
    def folded_name(self) -> str:
        """The name as patterns match it."""
        return fold(self.name)


@dataclass(frozen=True)
class Audience:
    """Distinct recipients of one mail by where they are (VOL-1, LAW-7). All addresses lower case.

    `visible` stand in To or Cc; `everyone` is To, Cc and envelope together, less the sender's own.
    `private` are free-mail or personal addresses; `group` the sender's own group roster, `members` those of the
    recipients who are members.
    """

    everyone: frozenset[str]
    envelope: frozenset[str]
    visible: frozenset[str]
    external: frozenset[str]
    secure: frozenset[str]
    private: frozenset[str] = frozenset()
    group: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    own_private: frozenset[str] = frozenset()
    delegates: frozenset[str] = frozenset()

    @property
    def leaving(self) -> frozenset[str]:
        """Those outside the council's network whose domain is not recorded as secure (SEC-1)."""
        return self.external - self.secure

    @property
    def visible_external(self) -> frozenset[str]:
        """Outside addresses every other recipient can read (LAW-7)."""
        return self.visible & self.external

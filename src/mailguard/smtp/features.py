"""What a hop offers in its EHLO reply (RFC 5321, 4.1.1.1). Law: one session's offer is never taken for another's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mailguard.mail.reply import Reply

# What mailguard can honour, in the order it is offered; PIPELINING, STARTTLS, SIZE and AUTH have rules of their own.
HONOURED = ("8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES")
MECHANISMS = ("PLAIN", "LOGIN")


@dataclass(frozen=True, eq=False)
class Features:
    """Keywords (upper case) with their parameters; `keywords` is what clients of this session are told of."""

    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, reply: Reply) -> Features:
        """Read a positive EHLO reply; the first line is the greeting. `AUTH=` is an old spelling of `AUTH `."""
        parameters: dict[str, tuple[str, ...]] = {}
        for line in reply.lines[1:]:
            words = line.decode("ascii", "replace").upper().replace("=", " ").split()
            if words:
                parameters[words[0]] = parameters.get(words[0], ()) + tuple(words[1:])
        return cls(parameters)

    def without(self, keyword: str) -> Features:
        """The same offer less one keyword."""
        return Features({name: words for name, words in self.parameters.items() if name != keyword})

    @cached_property
    def keywords(self) -> frozenset[str]:
        """Upper-case keywords."""
        return frozenset(self.parameters)

    @cached_property
    def size_limit(self) -> int:
        """Bytes this hop takes (RFC 1870); 0: no limit, or none told."""
        told = self.parameters.get("SIZE", ())
        return int(told[0]) if told and told[0].isdecimal() and told[0].isascii() and len(told[0]) < 20 else 0

    @cached_property
    def mechanisms(self) -> tuple[str, ...]:
        """The AUTH mechanisms that can be passed through."""
        return tuple(name for name in MECHANISMS if name in self.parameters.get("AUTH", ()))

    @cached_property
    def pipelining(self) -> bool:
        """True where commands may be sent together (RFC 2920)."""
        return "PIPELINING" in self.parameters

    @cached_property
    def xforward(self) -> tuple[str, ...]:
        """The XFORWARD attributes this hop takes from us; () is none."""
        return self.parameters.get("XFORWARD", ())


NOTHING = Features()

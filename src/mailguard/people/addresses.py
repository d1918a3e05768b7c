"""Addresses as people mean them. Law: two spellings of one mailbox are one address (VOL-1 counts mailboxes).

Header fields are read by splitting, not by the full grammar of RFC 5322, 3.4: what a mail program shows as
an address is found even where the field is not well formed, and a long list costs microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_ASIDE = re.compile(r'"(?:\\.|[^"\\])*"(?!@)|\([^()]*\)')
_ANGLE = re.compile(r"<([^<>]*@[^<>]*)>")
_BARE = re.compile(r"[^\s<>,;:()\[\]]+@[^\s<>,;:()]+")
_BATV = re.compile(r"^prvs=[^=]+=")


def fold_address(address: str) -> str:
    """Lower case, no route, no `+tag`, no trailing dot: `<Ann+news@Example.ORG.>` is `ann@example.org`."""
    bare = address.strip().strip("<>").strip().lower()
    local, at, domain = bare.rpartition("@")
    if not at:
        return bare
    local = _BATV.sub("", local.rpartition(":")[2])
    tag = local.find("+")
    if tag > 0:
        local = local[:tag]
    return f"{local}@{domain.rstrip('.')}"


def addresses_in(field: str) -> list[str]:
    """The folded addresses of a From, Sender, To or Cc field, in order, repeats kept."""
    if "@" not in field:
        return []
    found = []
    for item in re.split(r"[,;]", _ASIDE.sub(" ", field)):
        match = _ANGLE.search(item)
        text = match[1] if match else bare[0] if (bare := _BARE.search(item)) else ""
        if text:
            found.append(fold_address(text))
    return found


def domain_of(address: str) -> str:
    """What stands after the last @, "" where there is none."""
    return address.rpartition("@")[2] if "@" in address else ""


def within(domain: str, domains: Iterable[str]) -> bool:
    """True where `domain` is one of `domains` or lies under one."""
    return any(domain == item or domain.endswith(f".{item}") for item in domains)


def is_rewritten(address: str) -> bool:
    """True for the null sender, and for one a forwarder wrote (SRS): it names no person of this mail."""
    return not address or address.lower().startswith(("srs0=", "srs0+", "srs0-", "srs1=", "srs1+", "srs1-"))

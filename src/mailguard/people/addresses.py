"""Addresses as people mean them. Law: two spellings of one mailbox are one address (VOL-1 counts mailboxes).

Header fields are read by splitting, not by the full grammar of RFC 5322, 3.4: what a mail program shows as
an address is found even where the field is not well formed, and a long list costs microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_ENDS = str.maketrans(dict.fromkeys(",:()[]<>", " "))
_BATV = re.compile(r"^prvs=[^=]+=")


def fold_address(address: str) -> str:
    """Lower case, no route, no `+tag`, no trailing dot: `<Ann+news@Example.ORG.>` is `ann@example.org`."""
    bare = address.strip().strip("<>").strip().lower()
    local, at, domain = bare.rpartition("@")
    if not at:
        return bare
    if ":" in local:
        local = local.rpartition(":")[2]
    if local.startswith("prvs="):
        local = _BATV.sub("", local)
    tag = local.find("+")
    if tag > 0:
        local = local[:tag]
    return f"{local}@{domain.rstrip('.')}"


def addresses_in(field: str) -> list[str]:
    """The folded addresses of a From, Sender, To or Cc field, in order, repeats kept."""
    if "@" not in field:
        return []
    if "(" in field:
        field = _without_comments(_without_names(field))
    elif '"' in field:
        field = _without_names(field)
    found = (_address(item) for item in field.replace(";", ",").split(",") if "@" in item)
    return [address for address in found if address]


# Both walk by `find`: a field may have a megabyte of quotes that never close, and time must stay linear.


def _without_names(field: str) -> str:
    """The field less its quoted strings; one that is a local part ("ann lee"@x.example) stays."""
    pieces, at = [], 0
    while (start := field.find('"', at)) >= 0:
        end = start + 1
        while (end := field.find('"', end)) >= 0 and _escaped(field, end, start):
            end += 1
        if end < 0:
            break
        pieces.append(field[at : end + 1] if field.startswith("@", end + 1) else field[at:start])
        at = end + 1
    return " ".join([*pieces, field[at:]])


def _escaped(field: str, at: int, start: int) -> bool:
    slashes = at - 1
    while slashes > start and field[slashes] == "\\":
        slashes -= 1
    return (at - 1 - slashes) % 2 == 1


def _without_comments(field: str) -> str:
    """The field less its innermost comments."""
    pieces, at = [], 0
    while (end := field.find(")", at)) >= 0:
        start = field.rfind("(", at, end)
        pieces.append(field[at : start if start >= 0 else end + 1])
        at = end + 1
    return " ".join([*pieces, field[at:]])


def _address(item: str) -> str:
    """The address of one mailbox: what stands in angle brackets, else the first word with an @ in it."""
    at = 0
    while (end := item.find(">", at)) >= 0:
        start = item.rfind("<", at, end)
        if start >= 0 and "@" in item[start:end]:
            return fold_address(item[start + 1 : end])
        at = end + 1
    words = item.translate(_ENDS).split()
    return next((fold_address(word) for word in words if "@" in word.strip("@")), "")


def domain_of(address: str) -> str:
    """What stands after the last @, "" where there is none."""
    return address.rpartition("@")[2] if "@" in address else ""


def within(domain: str, domains: Iterable[str]) -> bool:
    """True where `domain` is one of `domains` or lies under one."""
    return any(domain == item or domain.endswith(f".{item}") for item in domains)


def is_rewritten(address: str) -> bool:
    """True for the null sender, and for one a forwarder wrote (SRS): it names no person of this mail."""
    return not address or address.lower().startswith(("srs0=", "srs0+", "srs0-", "srs1=", "srs1+", "srs1-"))

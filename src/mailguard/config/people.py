"""`members.csv` as rows of values. Law: an unusable row is an error with its line; no member is lost in silence.

A header line names the columns, in any order; several values in one field are parted by `;`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from mailguard.config.faults import Fault, nearest, unread
from mailguard.config.values import mailbox
from mailguard.mail.people import Member

ADDRESSES = ("aliases", "private_addresses", "delegates")
LISTS = (*ADDRESSES, "posts", "outside_bodies")
COLUMNS = ("address", "aliases", "name", "ward", "party", "group", *LISTS[1:])


def read_members(path: Path) -> tuple[tuple[Member, ...], list[Fault]]:
    """Every member of the file, and what is wrong in it."""
    name = str(path)
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        return (), [Fault(name, 1, 'is not UTF-8 text; save it as "CSV UTF-8"')]
    except OSError as error:
        return (), [Fault(name, 0, f"{unread(error)} in [members] file")]
    rows = csv.reader(io.StringIO(text), strict=True)
    members: list[Member] = []
    faults: list[Fault] = []
    columns: list[str] = []
    try:
        for row in rows:
            if not any(field.strip() for field in row) or row[0].lstrip().startswith("#"):
                continue
            if not columns:
                columns = [field.strip().lower() for field in row]
                faults += _header(name, rows.line_num, columns)
                if faults:
                    return (), faults
            elif member := _member(name, rows.line_num, columns, row, faults):
                members.append(member)
    except csv.Error as error:
        faults.append(Fault(name, rows.line_num, f"is not CSV: {error}"))
    if not columns:
        faults.append(Fault(name, 1, f"has no header line; write {','.join(COLUMNS)}"))
    return tuple(members), faults + _doubled(name, members, text)


def _header(name: str, line: int, columns: list[str]) -> list[Fault]:
    faults = [
        Fault(name, line, f'unknown column "{column}"{nearest(column, COLUMNS)}')
        for column in columns
        if column not in COLUMNS
    ]
    if "address" not in columns:
        faults.append(Fault(name, line, 'has no column "address"; it is required'))
    faults += [Fault(name, line, f'column "{item}" stands twice') for item in {*columns} if columns.count(item) > 1]
    return faults


def _member(name: str, line: int, columns: list[str], row: list[str], faults: list[Fault]) -> Member | None:
    if len(row) > len(columns):
        faults.append(Fault(name, line, f"has {len(row)} fields, the header {len(columns)}; quote fields with commas"))
        return None
    given = dict(zip(columns, (field.strip() for field in row), strict=False))
    before = len(faults)
    address = _address(name, line, "address", given["address"], faults)
    several = {key: _several(name, line, key, given, faults) for key in LISTS}
    if len(faults) > before:
        return None
    return Member(
        address=address,
        aliases=several["aliases"],
        private_addresses=several["private_addresses"],
        delegates=several["delegates"],
        posts=several["posts"],
        outside_bodies=several["outside_bodies"],
        name=given.get("name", ""),
        ward=given.get("ward", ""),
        party=given.get("party", ""),
        group=given.get("group", ""),
    )


def _several(name: str, line: int, key: str, given: Mapping[str, str], faults: list[Fault]) -> tuple[str, ...]:
    values = [item.strip() for item in given.get(key, "").split(";") if item.strip()]
    if key in ADDRESSES:
        values = [_address(name, line, key, item, faults) for item in values]
    return tuple(values)


def _address(name: str, line: int, key: str, text: str, faults: list[Fault]) -> str:
    try:
        return mailbox(text)
    except ValueError as error:
        faults.append(Fault(name, line, f"{key}: {error}"))
        return ""


def _doubled(name: str, members: list[Member], text: str) -> list[Fault]:
    """An address names one member alone: two rows with it would make the sender a matter of luck."""
    owners: dict[str, str] = {}
    faults = []
    for member in members:
        for address in {member.address, *member.aliases}:
            first = owners.setdefault(address, member.address)
            if first != member.address or (address == member.address and _times(members, address) > 1):
                faults.append(Fault(name, _line(text, address), f'"{address}" stands in two rows; keep one'))
    return sorted(set(faults))


def _times(members: list[Member], address: str) -> int:
    return sum(member.address == address for member in members)


def _line(text: str, address: str) -> int:
    lines = [number for number, line in enumerate(text.lower().splitlines(), 1) if address in line]
    return lines[-1] if lines else 1

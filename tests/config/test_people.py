"""members.csv: what is read, and what is told of a wrong one."""

from pathlib import Path

import pytest

from mailguard.config.people import read_members


def read(folder: Path, text: str) -> tuple[list[str], list[str]]:
    file = folder / "members.csv"
    file.write_text(text, encoding="utf-8")
    members, faults = read_members(file)
    return [member.address for member in members], [str(fault).removeprefix(f"{folder}/") for fault in faults]


def test_several_values_are_parted_by_semicolons(tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_text('ward,address,delegates,posts\n"Harbour, East",Ann@Council.Example,a@x.example; B@x.example ;,\n')
    (member,), faults = read_members(file)
    assert not faults
    assert member.address == "ann@council.example"
    assert member.delegates == ("a@x.example", "b@x.example")
    assert member.ward == "Harbour, East"
    assert member.posts == ()


def test_a_byte_order_mark_and_blank_lines_are_borne(tmp_path: Path) -> None:
    addresses, faults = read(tmp_path, "\ufeffaddress\n\nann@council.example\n# left\n")
    assert (addresses, faults) == (["ann@council.example"], [])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("adress\na@x.example\n", 'members.csv:1: unknown column "adress"; did you mean "address"?'),
        ("address\nann at council\n", 'members.csv:2: address: "ann at council" is no e-mail address'),
        ("address,aliases\na@x.example,b@\n", 'members.csv:2: aliases: "b@" is no e-mail address'),
        ("address\na@x.example\nb@x.example\nA@x.example\n", 'members.csv:4: "a@x.example" stands in two rows'),
        ("address,aliases\na@x.example,c@x.example\nb@x.example,c@x.example\n", "stands in two rows; keep one"),
        ("address,name\na@x.example,Ann,Okoro\n", "members.csv:2: has 3 fields, the header 2"),
        ("address,name\n,Ann\n", "members.csv:2: address: "),
        ("", "members.csv:1: has no header line"),
        ('address\n"a@x.example\n', "is not CSV"),
    ],
)
def test_faults(text: str, fault: str, tmp_path: Path) -> None:
    _, faults = read(tmp_path, text)
    assert any(fault in item for item in faults), faults


def test_delegates_and_private_addresses_may_be_shared(tmp_path: Path) -> None:
    shared = "p@x.example,home@y.example"
    text = f"address,delegates,private_addresses\na@x.example,{shared}\nb@x.example,{shared}\n"
    assert read(tmp_path, text) == (["a@x.example", "b@x.example"], [])

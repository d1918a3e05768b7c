"""Who a mail is from, and when its names contradict each other."""

import tracemalloc

import pytest

from mailguard.mail.people import Council, Member
from mailguard.people.members import Register

COUNCIL = Council(domains=("council.example",))
ANN = Member(
    address="ann@council.example",
    aliases=("cllr.ann@council.example",),
    group="Green Group",
    private_addresses=("ann@home.example",),
    delegates=("pa@council.example", "post@council.example"),
)
BOB = Member(address="bob@council.example", group="green group", delegates=("post@council.example",))
CAT = Member(address="cat@council.example", group="Blue Group")


@pytest.fixture
def register() -> Register:
    return Register((ANN, BOB, CAT), COUNCIL)


@pytest.mark.parametrize(
    ("envelope", "header_from", "user"),
    [
        ("ann@council.example", "", None),
        ("Ann+x@Council.Example", "", None),
        ("", "Ann <ANN@council.example>", None),
        ("bounce@list.example", "cllr.ann@council.example", None),
        ("srs0=x=y=z=q@council.example", "ann@council.example", None),
        ("", "", "ann"),
        ("", "", "ann@council.example"),
    ],
)
def test_a_member_is_known_by_any_of_his_names(
    register: Register, envelope: str, header_from: str, user: str | None
) -> None:
    sender = register.find(envelope, header_from, "", user)
    assert sender is not None
    assert sender.member is ANN
    assert sender.delegate == ""


@pytest.mark.parametrize(
    ("envelope", "header_from", "header_sender"),
    [
        ("officer@council.example", "officer@council.example", ""),
        ("ann@home.example", "ann@home.example", ""),
        ("", "", ""),
        ("someone@else.example", '"ann@council.example" <someone@else.example>', ""),
    ],
)
def test_others_are_not_judged(register: Register, envelope: str, header_from: str, header_sender: str) -> None:
    assert register.find(envelope, header_from, header_sender, None) is None


def test_a_delegate_sends_for_the_member_named(register: Register) -> None:
    sender = register.find("post@council.example", "bob@council.example", "post@council.example", None)
    assert sender is not None
    assert (sender.member, sender.delegate, sender.forged) == (BOB, "post@council.example", "")


def test_a_delegates_own_mail_counts_for_the_member(register: Register) -> None:
    sender = register.find("pa@council.example", "pa@council.example", "", None)
    assert sender is not None
    assert (sender.member, sender.delegate, sender.forged) == (ANN, "pa@council.example", "")


@pytest.mark.parametrize(
    ("envelope", "header_from", "header_sender", "user", "forwarded_by"),
    [
        ("ann@council.example", "cllr.ann@council.example", "", None, ""),
        ("ann@home.example", "ann@council.example", "", None, ""),
        ("ann@council.example", "ann@home.example", "", None, ""),
        ("pa@council.example", "ann@council.example", "pa@council.example", None, ""),
        ("ann@council.example", "ann@council.example", "", "pa@council.example", ""),
        ("", "ann@council.example", "", None, ""),
        ("SRS0=h=t=x.example=u@council.example", "ann@council.example", "", None, ""),
        ("ann@council.example", "ward-office@council.example", "ann@council.example", None, ""),
        ("ann@council.example", "resident@x.example", "", None, "ann@council.example"),
        ("ann@council.example", "", "", "ann", ""),
        ("post@council.example", "ann@council.example, bob@council.example", "", None, ""),
    ],
)
def test_no_forgery(
    register: Register, envelope: str, header_from: str, header_sender: str, user: str | None, forwarded_by: str
) -> None:
    sender = register.find(envelope, header_from, header_sender, user, forwarded_by)
    assert sender is not None
    assert sender.forged == ""


@pytest.mark.parametrize(
    ("envelope", "header_from", "header_sender", "user"),
    [
        ("bob@council.example", "ann@council.example", "", None),
        ("bob@council.example", "ann@council.example", "bob@council.example", None),
        ("pa@council.example", "bob@council.example", "", None),
        ("officer@council.example", "ann@council.example", "", None),
        ("someone@else.example", "ann@council.example", "", None),
        ("ann@council.example", "ann@council.example", "", "bob"),
        ("ann@council.example", "leader@council.example", "", None),
        ("ann@council.example", "", "", "bob@council.example"),
        ("ann@council.example", "ann@council.example, bob@council.example", "", None),
    ],
)
def test_forgery(register: Register, envelope: str, header_from: str, header_sender: str, user: str | None) -> None:
    sender = register.find(envelope, header_from, header_sender, user)
    assert sender is not None
    assert sender.forged


def test_scope_domain_judges_every_sender_of_the_council() -> None:
    register = Register((ANN,), COUNCIL, "domain")
    sender = register.find("officer@sub.council.example", "team@council.example", "", None)
    assert sender is not None
    assert sender.member.address == "team@council.example"
    assert sender.forged == ""
    assert register.find("x@elsewhere.example", "x@elsewhere.example", "", None) is None
    forged = register.find("officer@council.example", "ann@council.example", "", None)
    assert forged is not None
    assert forged.forged


def test_members_are_told_among_recipients_by_every_address(register: Register) -> None:
    asked = ["cllr.ann@council.example", "bob@council.example", "post@council.example", "clerk@council.example"]
    assert register.members_among(asked) == {"cllr.ann@council.example", "bob@council.example"}


def test_groups_are_compared_without_regard_to_case(register: Register) -> None:
    assert register.group(BOB) == {"ann@council.example", "cllr.ann@council.example", "bob@council.example"}
    assert register.group(Member(address="x@council.example")) == frozenset()


def test_member_at(register: Register) -> None:
    assert register.member_at("CLLR.Ann@council.example") is ANN
    assert register.member_at("nobody@council.example") is None


def test_names_of_any_length_are_answered_and_long_ones_not_remembered(register: Register) -> None:
    long = "ann@council.example, " + "x" * 500_000
    for _ in range(2):
        sender = register.find("ann@council.example", long, "", None)
        assert sender is not None
        assert sender.member is ANN
    assert register.find("ann@council.example", "", "", None) is register.find("ann@council.example", "", "", None)
    tracemalloc.start()
    for at in range(8):
        register.find("", f"{at} {long}", "", None)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 500_000

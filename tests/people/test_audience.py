"""Recipients as mailboxes, and where they are."""

from mailguard.mail.contents import Headers
from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.people import Audience, Council, Member, Sender
from mailguard.people.audience import audience
from mailguard.people.members import Register

COUNCIL = Council(domains=("council.example",), secure_domains=("nhs.example",))
ANN = Member(
    address="ann@council.example",
    aliases=("cllr.ann@council.example",),
    group="Green Group",
    private_addresses=("ann@home.example",),
    delegates=("pa@council.example",),
)
BOB = Member(address="bob@council.example", group="Green Group")
REGISTER = Register((ANN, BOB), COUNCIL)


def of(
    to: str, *sent: str, cc: str = "", sender: Sender | None = None, envelope_from: str = "ann@council.example"
) -> Audience:
    headers = Headers((("to", to), ("cc", cc)))
    envelope = Envelope(envelope_from, tuple(Recipient(address) for address in sent))
    return audience(envelope, headers, sender or Sender(ANN), REGISTER, COUNCIL, {"freemail.example"})


def test_a_mailbox_counts_once_however_it_is_written() -> None:
    found = of("A <a@x.example>, A+tag@X.Example", "a@x.example", "A@x.example", "b@x.example", cc="a@x.example")
    assert found.everyone == {"a@x.example", "b@x.example"}


def test_the_senders_own_copies_do_not_count() -> None:
    sender = Sender(ANN, "pa@council.example")
    found = of(
        "a@x.example",
        "a@x.example",
        "cllr.ann@council.example",
        "ann+sent@council.example",
        "pa@council.example",
        sender=sender,
    )
    assert found.everyone == {"a@x.example"}
    assert found.envelope == {"a@x.example"}


def test_the_envelope_shows_who_is_blind() -> None:
    found = of("a@x.example", "a@x.example", "hidden@x.example")
    assert found.visible == {"a@x.example"}
    assert found.external == {"a@x.example", "hidden@x.example"}
    assert found.visible_external == {"a@x.example"}


def test_header_recipients_of_other_transactions_count() -> None:
    assert len(of("a@x.example, b@x.example, c@x.example", "a@x.example").everyone) == 3


def test_places() -> None:
    found = of(
        "bob@council.example, x@sub.council.example, gp@trust.nhs.example, r@freemail.example, ann@home.example",
        "bob@council.example",
    )
    assert found.external == {"gp@trust.nhs.example", "r@freemail.example", "ann@home.example"}
    assert found.secure == {"gp@trust.nhs.example"}
    assert found.leaving == {"r@freemail.example", "ann@home.example"}
    assert found.private == {"r@freemail.example"}
    assert found.own_private == {"ann@home.example"}
    assert found.group == {"ann@council.example", "cllr.ann@council.example", "bob@council.example"}
    assert found.delegates == {"pa@council.example"}


def test_a_domain_that_ends_alike_is_outside() -> None:
    assert of("a@notcouncil.example").external == {"a@notcouncil.example"}

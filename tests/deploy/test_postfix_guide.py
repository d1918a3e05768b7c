"""deploy/README.md with a real Postfix: one that is as strict to its clients as its operator likes, on one machine.

The fragments are used as they ship, but for ports, and for TLS and the login, which need an identity provider.
"""

from __future__ import annotations

import smtplib
from pathlib import Path

import pytest
from tests.peers import postfix
from tests.peers.postfix import Postfix, free_port
from tests.support.running import Running, mail, wait_for
from tests.support.sink import Sink

pytestmark = pytest.mark.skipif(bool(postfix.missing()), reason=postfix.missing())

FOLDER = Path(__file__).parents[2] / "deploy" / "postfix"
STRICT = {
    "smtpd_helo_required": "yes",
    "smtpd_helo_restrictions": "permit_sasl_authenticated, reject",
    "smtpd_sender_restrictions": "reject_authenticated_sender_login_mismatch, permit_sasl_authenticated, reject",
    "smtpd_recipient_restrictions": "permit_sasl_authenticated, reject",
    "smtpd_end_of_data_restrictions": "permit_sasl_authenticated, reject",
}
"""What a submission server may well have in its main.cf: all but who has logged in is refused."""
OPEN = "  -o smtpd_{0}_restrictions=permit_mynetworks,reject\n"
OWN = '[[clause]]\nid = "OWN-1"\ncites = "Our own policy"\nwhat = { marked = "not_for_publication" }\ndo = "block"\nsay = "Papers stay inside."\n'  # noqa: E501


def fragments(place: str, ports: dict[str, int]) -> tuple[str, dict[str, str]]:
    """The services and settings of a fragment, with other ports."""
    services = (FOLDER / f"{place}.master.cf").read_text()
    for written, port in ports.items():
        services = services.replace(written, f"127.0.0.1:{port}")
    services = services.replace(" y       -       - ", " n       -       - ")  # no chroot is made for an instance
    lines = (FOLDER / f"{place}.main.cf").read_text().splitlines()
    main = dict(line.split(" = ", 1) for line in lines if line and not line.startswith("#"))
    return services, main


def test_before_a_mail_goes_round_by_mailguard_and_a_refusal_is_heard_at_once(tmp_path: Path) -> None:
    submission, back = free_port(), free_port()
    with Sink() as world, Running(tmp_path, back, extra=OWN) as gateway:
        ports = {"127.0.0.1:2525": gateway.port, "127.0.0.1:2526": back, "submission": submission}
        services, main = fragments("before", ports)
        services = services.replace(f"postfix/127.0.0.1:{submission}", "postfix/submission")
        services = services.replace("smtpd_tls_security_level=encrypt", "smtpd_tls_security_level=none")
        services = services.replace("permit_sasl_authenticated,reject", "permit_mynetworks,reject")
        # The clients of this test have not logged in: what is strict must still not meet what mailguard hands back.
        own = "".join(OPEN.format(name) for name in ("helo", "sender", "recipient", "end_of_data"))
        head, dash, rest = services.partition("  -o smtpd_client_connection_count_limit=50\n")
        with Postfix(world.port, services=head + dash + own + rest, **STRICT, **main) as relay:
            with smtplib.SMTP("127.0.0.1", submission, timeout=60) as client:
                client.sendmail(
                    "m.jones@council.example", ["resident@homemail.example"], mail("The bins come on Friday.")
                )
                with pytest.raises(smtplib.SMTPDataError) as refused:
                    client.sendmail(
                        "m.jones@council.example", ["resident@homemail.example"], mail("This is not for publication.")
                    )
            assert refused.value.smtp_code == 550
            assert b"Papers stay inside" in refused.value.smtp_error
            wait_for(lambda: world.received)
            relay.wait_until_empty()
        (arrived,) = world.received
        fields = [line for line in arrived.head.decode().split("\r\n") if line.startswith("Received:")]
        assert len(fields) == 3  # Postfix, mailguard, Postfix, the last on top
        assert "by postfix.example (Postfix)" in arrived.head.decode()


def test_behind_a_mail_is_taken_from_mailguard_alone(tmp_path: Path) -> None:
    back = free_port()
    services, main = fragments("behind", {"2526": back})
    with Sink() as world, Running(tmp_path, back) as gateway, Postfix(world.port, services=services, **STRICT, **main):
        code, text = gateway.send("m.jones@council.example", ["resident@homemail.example"], mail("On Friday."))
        assert code == 250, text
        wait_for(lambda: world.received)

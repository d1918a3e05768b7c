"""deploy/README.md with a real Postfix: one that is as strict to its clients as its operator likes, on one machine.

The fragments are used as they ship, but for ports, and for TLS and the login, which need an identity provider.
"""

from __future__ import annotations

import shutil
import smtplib
import subprocess
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


def test_behind_without_logins_a_mail_is_taken_from_mailguard_alone(tmp_path: Path) -> None:
    back = free_port()
    services, main = fragments("behind", {"2526": back})
    main |= {"mailguard_auth": "no", "mailguard_relay": "permit_mynetworks,reject"}
    with Sink() as world, Running(tmp_path, back) as gateway, Postfix(world.port, services=services, **STRICT, **main):
        code, text = gateway.send("m.jones@council.example", ["resident@homemail.example"], mail("On Friday."))
        assert code == 250, text
        wait_for(lambda: world.received)


def logins(folder: Path, *names: str) -> None:
    """Logins of a Postfix that has not started yet, by Cyrus SASL, where Debian's looks for them."""
    (folder / "sasl").mkdir(parents=True)
    for name in names:
        words = ["saslpasswd2", "-p", "-c", "-f", str(folder / "logins"), "-u", "postfix.example", name]
        subprocess.run(words, input="pass word", text=True, check=True)
    shutil.chown(folder / "logins", "postfix")
    (folder / "sasl" / "smtpd.conf").write_text(
        f"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN\nsasldb_path: {folder / 'logins'}\n"
    )


@pytest.mark.skipif(shutil.which("saslpasswd2") is None, reason="saslpasswd2 is not installed (sasl2-bin)")
def test_behind_who_has_not_logged_in_reaches_nobody(tmp_path: Path) -> None:
    back = free_port()
    services, main = fragments("behind", {"2526": back})
    own = next(line[1:] for line in services.splitlines() if line.startswith("#   -o {"))
    services = services.replace("  -o smtpd_sender_restrictions=\n", own + "\n")
    main["smtpd_sender_login_maps"] = "inline:{m.jones@council.example=m.jones}"
    gateway = Running(tmp_path, back, extra=OWN.replace('"block"', '"hold"'))
    (tmp_path / "password").write_text("pass word")
    text = gateway.config.read_text()
    gateway.config.write_text(
        text.replace("[next_hop]\n", '[next_hop]\nuser = "mailguard"\npassword_file = "password"\n')
    )
    with Sink() as world:
        relay = Postfix(world.port, services=services, **main)
        logins(relay.config, "m.jones", "mailguard")
        with relay, gateway:
            code, said = gateway.send("m.jones@council.example", ["resident@homemail.example"], mail("On Friday."))
            assert (code, b"Access denied" in said) == (554, True), said
            with smtplib.SMTP("127.0.0.1", gateway.port, timeout=60) as client:
                client.login("m.jones", "pass word")
                with pytest.raises(smtplib.SMTPRecipientsRefused, match="not owned by user"):
                    client.sendmail("a.khan@council.example", ["resident@homemail.example"], mail("On Friday."))
                client.sendmail("m.jones@council.example", ["resident@homemail.example"], mail("On Friday."))
                client.sendmail("m.jones@council.example", ["resident@homemail.example"], mail("Not for publication."))
            (case,) = gateway.cases()
            assert gateway.command("cases", "release", case["number"]).returncode == 0
            # The mail, the notice that one is held, and what was released: the last two by mailguard's own login.
            wait_for(lambda: len(world.received) == 3)
            tested = gateway.command("selftest").stdout
            assert "passed    DSN: 250" in tested, tested

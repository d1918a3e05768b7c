"""`mailguard selftest`: marked mails through the running gateway. Law: nothing it sends reaches a stranger.

Plain mails go to the council's postmaster. Mails that an enforced clause stops are made from the sample mailbag
and sent only where the local verdict says they will be stopped; what is held is refused again. What would be
delivered outside goes to an address the operator names, or is left out and said so.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509

from mailguard.actions.handling import NEXT_HOP
from mailguard.config.load import Config
from mailguard.config.resources import demo_config
from mailguard.daemon.assembly import hop_settings
from mailguard.daemon.demo.mailbag import Sample, read_bag
from mailguard.mail.errors import MailguardError
from mailguard.policy.action import Action
from mailguard.policy.verdict import Verdict
from mailguard.smtp.hop import HopPool
from mailguard.store.cases import HELD
from mailguard.store.store import Store

SECONDS = 120.0
MARK = "mailguard-selftest"
DEMO_DOMAIN = b"council.example"
Judge = Callable[[bytes, str, tuple[str, ...]], Verdict]
REPLIES = {Action.WARN: 550, Action.HOLD: 250, Action.DEFER: 451, Action.BLOCK: 550}


@dataclass(frozen=True)
class Check:
    """One outcome: `passed` is None where it was left out; `said` tells what was seen, or why not."""

    name: str
    passed: bool | None
    said: str


class SelfTest:
    """`judge` gives the local verdict on (bytes, sender, recipients); `outside` is an address of the operator's."""

    def __init__(
        self, config: Config, judge: Judge, *, sender: str = "", outside: str = "", bag: Path | None = None
    ) -> None:
        self.config, self._judge, self._outside = config, judge, outside
        self._bag = bag or demo_config().parent / "mailbag"
        members = [member.address for member in config.members]
        self.sender = sender or (members[0] if members else config.settings.notices_from)
        self._run = f"{MARK}-{int(time.time())}"
        self._count = 0

    def checks(self) -> Iterator[Check]:
        """Every check, as it is made."""
        try:
            with self._client() as client:
                yield Check("listening", True, f"{self.config.settings.listen.address} greets")
                yield from self._offers(client)
                yield self._size(client)
        except (OSError, smtplib.SMTPException) as error:
            yield Check("listening", False, f"{self.config.settings.listen.address}: {_words(error)}")
            return
        yield self._starttls()
        yield from asyncio.run(self._hops())
        yield from self._plain()
        yield from self._actions()

    def _client(self) -> smtplib.SMTP:
        """As a member's client: by TLS where that is offered, and logged in where mailguard has a login itself."""
        address = self.config.settings.listen.address
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address.host, address.host)  # noqa: S104
        client = smtplib.SMTP(host, address.port, local_hostname=MARK, timeout=SECONDS)
        client.ehlo()
        if self.config.settings.listen.tls != "off":
            # Who the certificate is for is the clients' to judge; here its days count.
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            client.starttls(context=context)
            client.ehlo()
        hop = hop_settings(self.config, NEXT_HOP)
        if hop.user and client.has_extn("auth"):
            client.login(hop.user, hop.password)
        return client

    def _offers(self, client: smtplib.SMTP) -> Iterator[Check]:
        for keyword in ("PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"):
            offered = client.has_extn(keyword)
            yield Check(f"offers {keyword}", True if offered else None, "yes" if offered else "the next hop does not")

    def _size(self, client: smtplib.SMTP) -> Check:
        limit = int(client.esmtp_features.get("size") or 0)
        if not limit:
            return Check("size", None, "no limit is offered")
        code, words = client.mail(self.sender, [f"SIZE={limit + 1}"])
        client.rset()
        return Check("size", code == 552, f"{limit + 1} bytes: {code} {words.decode('ascii', 'replace')}")

    def _starttls(self) -> Check:
        if self.config.settings.listen.tls == "off":
            return Check("starttls", None, "listen.tls is off")
        try:
            with self._client() as client:
                assert isinstance(client.sock, ssl.SSLSocket)
                days = _days(client.sock)
                return Check("starttls", days > 0, f"{client.sock.version()}, certificate good for {days:.0f} days")
        except (OSError, smtplib.SMTPException) as error:
            return Check("starttls", False, _words(error))

    async def _hops(self) -> Sequence[Check]:
        settings = self.config.settings
        made = []
        for name, table in {"next_hop": settings.next_hop, **settings.routes}.items():
            hop = HopPool(hop_settings(self.config, name))
            up = await hop.probe()
            made.append(Check(f"reaches {name}", up, f"{table.address}, tls {table.tls}" + ("" if up else ": no")))
        return made

    def _plain(self) -> Iterator[Check]:
        inside = self.config.settings.notices_from
        text = "This is a test of the mail gateway. Nothing needs to be done.\r\n"
        for name, options, per_recipient, body in (
            ("DSN", ["RET=HDRS", f"ENVID={self._run}"], ["NOTIFY=NEVER"], text),
            ("8BITMIME", ["BODY=8BITMIME"], [], text + "Grüße, diolch yn fawr.\r\n"),
            ("SMTPUTF8", ["BODY=8BITMIME", "SMTPUTF8"], [], text),
        ):
            data, _ = self._marked(name if name != "SMTPUTF8" else "ŵ", inside, body)
            reply = self._send(self.sender, (inside,), data, options, per_recipient=per_recipient, needs=name)
            if reply is None:
                yield Check(name, None, "is not offered")
            else:
                yield Check(name, reply.startswith("250"), reply)

    def _marked(self, subject: str, to: str, body: str) -> tuple[bytes, str]:
        self._count += 1
        identity = f"<{self._run}-{self._count}@{self.config.council.domains[0]}>"
        date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
        head = (
            f"From: {self.sender}\r\nTo: {to}\r\nSubject: [{MARK}] {subject}\r\nDate: {date}\r\n"
            f"Message-ID: {identity}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            f"Content-Transfer-Encoding: 8bit\r\n\r\n"
        )
        return (head + body).encode(), identity

    def _send(
        self,
        sender: str,
        recipients: Sequence[str],
        data: bytes,
        options: Sequence[str] = (),
        *,
        per_recipient: Sequence[str] = (),
        needs: str = "",
    ) -> str | None:
        """The final reply, or the first refusal; None where `needs` is not offered."""
        try:
            with self._client() as client:
                if needs and not client.has_extn(needs):
                    return None
                client.command_encoding = "utf-8" if "SMTPUTF8" in options else "ascii"
                code, words = client.mail(sender, list(options))
                for recipient in recipients:
                    if code < 400:
                        code, words = client.rcpt(recipient, list(per_recipient))
                if code < 400:
                    code, words = client.data(data)
        except smtplib.SMTPResponseException as error:
            code, text = error.smtp_code, error.smtp_error
            words = text if isinstance(text, bytes) else text.encode()
        except (OSError, smtplib.SMTPException) as error:
            return _words(error)
        return f"{code} {words.decode('utf-8', 'replace')}"

    def _actions(self) -> Iterator[Check]:
        enforced = {clause.do for clause in self.config.policy.clauses if clause.enforced}
        for action in sorted(enforced - {Action.PASS}):
            name = f"action {action}"
            sample = self._sample(action)
            if sample is None:
                yield Check(name, None, "no sample mail makes it under this configuration")
            elif not action.stops and not self._outside:
                yield Check(name, None, "would be delivered outside: name an address of yours (--outside)")
            else:
                yield self._act(name, action, sample)

    def _sample(self, action: Action) -> Sample | None:
        """A sample, readdressed to this council, on which the local verdict is `action`."""
        for sample in read_bag(self._bag, self.config.settings.preset):
            own = self._ours(sample, action)
            if self._judge(own.data, own.sender, own.recipients).action is action:
                return own
        return None

    def _ours(self, sample: Sample, action: Action) -> Sample:
        domain = self.config.council.domains[0].encode()
        data = sample.data.replace(sample.sender.encode(), self.sender.encode()).replace(DEMO_DOMAIN, domain)
        self._count += 1
        identity = f"<{self._run}-{self._count}@{domain.decode()}>"
        if sample.identity:
            data = data.replace(
                sample.identity.replace(DEMO_DOMAIN.decode(), domain.decode()).encode(), identity.encode()
            )
        recipients = tuple(item.replace(DEMO_DOMAIN.decode(), domain.decode()) for item in sample.recipients)
        if not action.stops and self._outside:
            recipients = (self._outside,)
        return replace(sample, data=data, identity=identity, sender=self.sender, recipients=recipients)

    def _act(self, name: str, action: Action, sample: Sample) -> Check:
        reply = self._send(sample.sender, sample.recipients, sample.data, ["BODY=8BITMIME"]) or ""
        wanted = REPLIES.get(action, 250)
        right = reply.startswith(str(wanted))
        said = f"{sample.name}: {reply}"
        if action is Action.HOLD and right:
            number = asyncio.run(self._undo(sample.identity))
            right = bool(number)
            said += f"; case {number}, refused again" if number else "; but there is no case"
        return Check(name, right, said)

    async def _undo(self, identity: str) -> str:
        """Refuse the case of a held test mail; its number, "" where there is none."""
        table = self.config.settings.store
        try:
            store = await Store.open(table.url, table.held, table.key, create_key=False)
        except MailguardError:
            return ""
        try:
            for case in await store.cases.list():
                if case.message_id == identity and case.state == HELD:
                    await store.refuse(case.number, MARK, "a test of the gateway")
                    return str(case.number)
        finally:
            await store.close()
        return ""


def _days(sock: ssl.SSLSocket) -> float:
    raw = sock.getpeercert(binary_form=True)
    assert raw is not None
    return (x509.load_der_x509_certificate(raw).not_valid_after_utc.timestamp() - time.time()) / 86400


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__

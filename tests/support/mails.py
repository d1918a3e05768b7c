"""Mails for tests: a text as a member would send it to one outside address. Law: values only, no reader, no wire."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from mailguard.examine import Examiner
from mailguard.mail.contents import Contents, Headers, Hidden, Layer, Part, Table, Text
from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.evidence import Finding
from mailguard.mail.mail import Mail
from mailguard.mail.message import Message
from mailguard.mail.people import Audience, Council, Member, Sender
from mailguard.matching.scan import Matcher, Scan
from mailguard.rules.registry import rule_classes
from mailguard.rules.rule import Rule, Tools

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "config" / "words"
MEMBER = "cllr.brown@council.example"
OUTSIDE = "resident@outside.example"
COUNCIL = Council(("council.example",), ("nhs.example",), ("01632961",), "Anytown Council")


def tools() -> Tools:
    """The shipped word lists, read straight from `config/words`."""
    words = {path.stem: _lines(path) for path in WORDS.glob("*.txt")}
    data = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in WORDS.glob("*.toml")}
    return Tools(words=words, data=data)


def _lines(path: Path) -> tuple[str, ...]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def rule_of(name: str, **options: object) -> Rule:
    """One rule with the shipped words and these options."""
    kind = rule_classes()[name]
    return kind(kind.options_type(**options), tools())


def mail_of(
    text: str,
    subject: str = "",
    *,
    layer: Layer = Layer.NEW,
    texts: Iterable[Text] = (),
    tables: Iterable[Table] = (),
    parts: Iterable[Part] = (),
    hidden: Iterable[Hidden] = (),
    defects: Sequence[str] = (),
    partial: bool = False,
    to: Sequence[str] = (OUTSIDE,),
    cc: Sequence[str] = (),
    bcc: Sequence[str] = (),
    member: Member | None = None,
    forged: str = "",
    private: Iterable[str] = (),
    own_private: Iterable[str] = (),
    members: Iterable[str] = (),
    council: Council = COUNCIL,
) -> Mail:
    """A mail with `text` as its new text; a first line "Subject: ..." becomes its subject."""
    if text.startswith("Subject:"):
        line, _, text = text.partition("\n")
        subject = line.removeprefix("Subject:").strip()
    who = member or Member(MEMBER, name="Ann Brown", private_addresses=tuple(own_private))
    everyone = frozenset((*to, *cc, *bcc))
    external = frozenset(address for address in everyone if not address.endswith(council.domains))
    body = (Text("subject", Layer.SUBJECT, subject), Text("body", layer, text))
    fields = (("from", who.address), ("to", ", ".join(to)), ("cc", ", ".join(cc)), ("subject", subject))
    return Mail(
        id="test",
        envelope=Envelope(who.address, tuple(Recipient(address) for address in sorted(everyone))),
        message=Message.of(b"Subject: test\r\n\r\n"),
        contents=Contents(
            Headers(fields), tuple(parts), (*body, *texts), tuple(tables), tuple(hidden), tuple(defects), partial
        ),
        sender=Sender(who, forged=forged),
        audience=Audience(
            everyone=everyone,
            envelope=everyone,
            visible=frozenset((*to, *cc)),
            external=external,
            secure=frozenset(address for address in external if address.endswith(council.secure_domains)),
            private=frozenset(private),
            members=frozenset(members),
            own_private=frozenset(own_private),
        ),
        council=council,
        at=datetime(2026, 5, 1, 12, tzinfo=UTC),
    )


def findings(mail: Mail, *rules: Rule) -> tuple[Finding, ...]:
    """What these rules say of the mail, run as the examiner runs them; a rule that raises, raises here."""
    examiner = Examiner(rules, ())
    scan = Scan(
        Matcher({f"{rule.name}.{key}": source for rule in rules for key, source in rule.patterns.items()}),
        mail.contents,
    )
    for rule in examiner.rules:
        scan.add(tuple(rule.check(mail, scan)))
    return tuple(scan.found())

"""Scores a rule or a family on labelled texts and mails. Law: each text is read and examined as a mail would be.

A text becomes the body of a plain-text mail from a member to one outside address; a first line "Subject: ..." becomes
the subject. Files of a folder are read as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any

from mailguard.examine import Examiner
from mailguard.mail.contents import Contents
from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.errors import ConfigError
from mailguard.mail.evidence import Confidence
from mailguard.mail.headers import parse_headers
from mailguard.mail.mail import Mail
from mailguard.mail.message import Message
from mailguard.mail.people import Audience, Council, Member, Sender
from mailguard.people import addresses_in

ReadMany = Callable[[Sequence[bytes]], Iterable[Contents]]
BATCH = 100
SKIPPED = "ambiguous"
OUTSIDE = "someone@outside.example"
COUNCIL = Council(("council.example",))


@dataclass(frozen=True)
class Item:
    """One labelled thing: a text, or the bytes of a mail."""

    id: str
    label: str
    text: str = field(default="", repr=False)
    source: str = ""
    data: bytes = field(default=b"", repr=False)


def read_items(path: Path) -> Iterator[Item]:
    """Lines of a JSONL file, or the mails of a folder (label: the folder's name). Raises ConfigError."""
    if path.is_dir():
        for file in sorted(item for item in path.rglob("*") if item.suffix == ".eml"):
            yield Item(file.name, file.parent.name, source=file.parent.name, data=file.read_bytes())
        return
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not UTF-8 text; save the file as UTF-8"]) from error
    faults = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield Item(str(row["id"]), str(row["label"]), str(row["text"]), str(row.get("source", "")))
        except (ValueError, KeyError, TypeError):
            faults.append(f'{path}:{number}: is no JSON object with "id", "label" and "text"; mend or drop the line')
    if faults:
        raise ConfigError(faults)


def evaluate(
    examiner: Examiner,
    read_many: ReadMany,
    items: Iterable[Item],
    rule: str,
    *,
    positive: Sequence[str] = (),
    at_least: Confidence = Confidence.MEDIUM,
    council: Council = COUNCIL,
) -> dict[str, Any]:
    """Precision, recall, F1, false-positive rate, by label and source, ids missed and wrongly found.

    `rule` is a rule or a family; `positive` are globs of labels that should be found (default: those that begin with
    the family's name). `read_many` reads messages in order (see `mail.reader`). Raises ConfigError for an unknown rule,
    and for one that could not be run.
    """
    names, family = named(examiner, rule)
    globs = tuple(positive) or (f"{family}*", *((f"{rule}*",) if rule != family else ()))
    tally = Tally()
    for item, mail in mails_of(items, read_many, council):
        examined = examiner.examine(mail)
        broken = [name for name, _ in examined.failed if name in names]
        if broken:
            raise ConfigError([f"{item.id}: the rule {name} could not be run" for name in broken])
        hit = any(finding.rule in names and finding.confidence >= at_least for finding in examined.findings)
        tally.add(item, wanted=any(fnmatchcase(item.label, glob) for glob in globs), found=hit)
    return tally.result()


def named(examiner: Examiner, rule: str) -> tuple[frozenset[str], str]:
    """The rules meant by a name, and their family. Raises ConfigError where there is none."""
    members = frozenset(item.name for item in examiner.rules if item.family == rule)
    if members:
        return members, rule
    family = next((item.family for item in examiner.rules if item.name == rule), "")
    if not family:
        known = sorted({item.name for item in examiner.rules} | {item.family for item in examiner.rules})
        raise ConfigError([f'"{rule}" is no rule and no family; known are: {", ".join(known)}'])
    return frozenset({rule}), family


def mails_of(items: Iterable[Item], read_many: ReadMany, council: Council = COUNCIL) -> Iterator[tuple[Item, Mail]]:
    """Each item that counts with the mail it stands for, read in batches."""
    counted = (item for item in items if item.label != SKIPPED)
    while batch := list(islice(counted, BATCH)):
        wires = [on_wire(item, sender_at(council)) for item in batch]
        for item, wire, contents in zip(batch, wires, read_many(wires), strict=True):
            yield item, mail_from(item, Message.of(wire), contents, council)


def sender_at(council: Council) -> str:
    """The address of the plain member every text is from."""
    return f"member@{council.domains[0]}"


def mail_from(item: Item, message: Message, contents: Contents, council: Council = COUNCIL) -> Mail:
    """The mail one item stands for."""
    member = Member(sender_at(council), name="A Member")
    headers = parse_headers(message.head)
    shown = frozenset(
        address.lower() for name in ("to", "cc") for value in headers.all(name) for address in addresses_in(value)
    ) - {member.address}
    everyone = shown or frozenset({OUTSIDE})
    external = frozenset(item for item in everyone if not item.endswith(council.domains))
    return Mail(
        id=item.id,
        envelope=Envelope(member.address, tuple(Recipient(address) for address in sorted(everyone))),
        message=message,
        contents=contents,
        sender=Sender(member),
        audience=Audience(everyone, everyone, shown, external, frozenset()),
        council=council,
        at=datetime.now(UTC),
    )


def on_wire(item: Item, sender: str) -> bytes:
    """The bytes of an item: its own, or those of a plain-text mail made of its text."""
    if item.data:
        data = item.data
        return data if b"\r\n" in data[:4096] else data.replace(b"\n", b"\r\n")
    subject, text = "", item.text
    if text.startswith("Subject:"):
        line, _, text = text.partition("\n")
        subject = " ".join(line.removeprefix("Subject:").split())
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, OUTSIDE, subject
    mail["Message-ID"] = "<evaluate@council.example>"
    mail["Date"] = "Fri, 01 May 2026 12:00:00 +0000"
    mail.set_content(text.encode("utf-8", "replace").decode("utf-8"))
    return mail.as_bytes()


@dataclass
class Tally:
    """Counts of one run."""

    hits: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    right: int = 0
    by_label: dict[str, dict[str, int]] = field(default_factory=dict)
    by_source: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, item: Item, *, wanted: bool, found: bool) -> None:
        """Count one item."""
        for table, key in ((self.by_label, item.label), (self.by_source, item.source)):
            row = table.setdefault(key, {"n": 0, "found": 0})
            row["n"] += 1
            row["found"] += found
        if wanted and found:
            self.hits += 1
        elif wanted:
            self.missed.append(item.id)
        elif found:
            self.wrong.append(item.id)
        else:
            self.right += 1

    def result(self) -> dict[str, Any]:
        """The object `evaluate --json` prints; null where there is nothing to divide by."""
        positives, negatives = self.hits + len(self.missed), len(self.wrong) + self.right
        precision = ratio(self.hits, self.hits + len(self.wrong))
        recall = ratio(self.hits, positives)
        both = precision is not None and recall is not None
        f1 = ratio(2 * self.hits, 2 * self.hits + len(self.missed) + len(self.wrong)) if both else None
        return {
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "false_positive_rate": ratio(len(self.wrong), negatives),
            "positives": positives,
            "negatives": negatives,
            "by_label": self.by_label,
            "by_source": self.by_source,
            "missed": self.missed,
            "wrongly_found": self.wrong,
        }


def ratio(part: int, whole: int) -> float | None:
    """A quotient to four places; None for nothing."""
    return round(part / whole, 4) if whole else None

"""Writes the notice a sender gets about his mail. Law: no allegation, no content, no subject of the original.

Templates are plain text files in `config/notices/`: a first line `Subject: ...`, a blank line, the text, with
`$name` fields (string.Template). An operator may put a folder of his own in front (`[notices] templates`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, make_msgid
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

from mailguard.mail.errors import ConfigError
from mailguard.mail.message import Message

_FORM = re.compile(r"Subject: *\S.*\n\n")
KINDS = ("held", "encrypted", "refused", "expired", "uncertain")
LONDON = ZoneInfo("Europe/London")
FIELDS = frozenset({"case", "clauses", "evidence", "advice", "decides", "link", "council", "reason", "time"})


@dataclass(frozen=True)
class Ground:
    """One clause as the notice tells it: `say` what was seen, `cites` its source, and where it was seen."""

    id: str
    say: str
    cites: str
    advice: str
    decides: str
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notice:
    """What a notice is about. `kind` names the template; `link` is "" where none is set, `reason` a person's words."""

    kind: str
    case: str
    grounds: tuple[Ground, ...]
    at: datetime
    link: str = ""
    council: str = ""
    reason: str = ""


class Templates:
    """The notice texts of one configuration, checked when they are loaded."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Later folders win. Raises ConfigError for a missing or unreadable template, or an unknown field."""
        self._texts: dict[str, Template] = {}
        faults = []
        for kind in KINDS:
            path = next((f / f"{kind}.txt" for f in reversed(folders) if (f / f"{kind}.txt").is_file()), None)
            if path is None:
                faults.append(f"notices: no template {kind}.txt in {folders[-1]}; copy the shipped one there")
                continue
            try:
                text = path.read_text("utf-8")
            except UnicodeDecodeError:
                faults.append(f"{path}:1: is not UTF-8 text; save the file as UTF-8")
                continue
            except OSError as error:
                faults.append(f"{path}: cannot be read: {error.strerror}; let this user read it")
                continue
            if not _FORM.match(text):
                faults.append(f"{path}:1: begins otherwise; write a line `Subject: ...`, an empty line, and the text")
            template = Template(text)
            unknown = set(template.get_identifiers()) - FIELDS
            if not template.is_valid() or unknown:
                faults.append(
                    f"{path}:1: unknown field {', '.join(sorted(unknown)) or '$'}; known: {', '.join(sorted(FIELDS))}"
                )
            self._texts[kind] = template
        if faults:
            raise ConfigError(faults)

    def text(self, notice: Notice) -> tuple[str, str]:
        """Subject and body of a notice."""
        filled = self._texts[notice.kind].substitute(_fields(notice))
        subject, _, body = filled.partition("\n\n")
        return subject.removeprefix("Subject:").strip(), body.strip() + "\n"


def _fields(notice: Notice) -> Mapping[str, str]:
    advice = list(dict.fromkeys(ground.advice for ground in notice.grounds if ground.advice))
    places = list(dict.fromkeys(place for ground in notice.grounds for place in ground.places))
    return {
        "case": notice.case,
        "clauses": "\n".join(f"- {say} ({clauses})" for say, clauses in _said(notice.grounds).items()),
        "evidence": "\n".join(f"- {place}" for place in places) or "- the mail as a whole",
        "advice": "\n".join(f"- {line}" for line in advice) or "- Nothing, if the mail can wait for the decision.",
        "decides": ", ".join(dict.fromkeys(ground.decides for ground in notice.grounds)) or "the Monitoring Officer",
        "link": notice.link and f"More: {notice.link}\n",
        "council": notice.council,
        "reason": notice.reason and f"\nThe reason given:\n{notice.reason}\n",
        "time": notice.at.astimezone(LONDON).strftime("%d %B %Y, %H:%M %Z"),
    }


def _said(grounds: Sequence[Ground]) -> Mapping[str, str]:
    """Each sentence once, with all the clauses that say it."""
    said: dict[str, list[str]] = {}
    for ground in grounds:
        said.setdefault(ground.say, []).append(f"{ground.id}: {ground.cites}")
    return {say: "; ".join(clauses) for say, clauses in said.items()}


def message_of(subject: str, body: str, *, sender: str, to: str, at: datetime) -> Message:
    """A plain-text mail in CRLF form, marked as automatic (RFC 3834, 5)."""
    mail = EmailMessage(policy=SMTP if to.isascii() else SMTPUTF8)
    mail["From"] = Address(display_name="E-mail policy", addr_spec=sender)
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(body, cte="quoted-printable" if not body.isascii() else "7bit")
    return Message.of(mail.as_bytes())

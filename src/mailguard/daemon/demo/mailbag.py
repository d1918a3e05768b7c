"""The sample mails and what each preset should make of them. Law: the envelope is read from the mail."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.utils import getaddresses
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Sample:
    """One mail of the bag. `expected` is its action under the preset asked for, "" where none is written or where it
    holds for a day of its own (`at`), which a gateway that runs today cannot be asked for."""

    name: str
    data: bytes
    identity: str
    sender: str
    recipients: tuple[str, ...]
    expected: str


def read_bag(folder: Path, preset: str) -> list[Sample]:
    """All samples by name. Raises OSError."""
    return [_read(path, preset) for path in sorted(folder.glob("*.eml"))]


def _read(path: Path, preset: str) -> Sample:
    data = path.read_bytes()
    mail = message_from_bytes(data, policy=policy.default)
    notes = path.with_name(f"{path.stem}.expected.toml")
    expected: dict[str, Any] = tomllib.loads(notes.read_text("utf-8")) if notes.is_file() else {}
    fields = [str(value) for name in ("To", "Cc", "Bcc") for value in mail.get_all(name, [])]
    recipients = expected.get("recipients") or [address for _, address in getaddresses(fields) if address]
    sender = expected.get("sender") or getaddresses([str(mail.get("From", ""))])[0][1]
    return Sample(
        name=path.stem,
        data=b"\r\n".join(data.splitlines()) + b"\r\n",
        identity=str(mail.get("Message-ID", "")).strip(),
        sender=str(sender),
        recipients=tuple(dict.fromkeys(str(item) for item in recipients)),
        expected="" if "at" in expected else _action(expected, preset),
    )


def _action(expected: dict[str, Any], preset: str) -> str:
    """A preset's own table goes before what is written for all."""
    return str(expected.get(preset, {}).get("action") or expected.get("action", ""))

"""Old formats that nothing here parses. Law: their printable words are read, and the file is named all the same."""

from __future__ import annotations

from mailguard.mail.readers import ole
from mailguard.mail.readers.document import Reading


def read(data: bytes, out: Reading) -> None:
    """Read what can be printed into `out`."""
    out.budget.inflate(len(data))
    out.text(ole.scrape(data))

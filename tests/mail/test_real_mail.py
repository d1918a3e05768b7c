"""Every file of the development mail: read, not crashed, and ordinary mail never called malformed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from mailguard.mail.body import text_parts
from mailguard.mail.crypto import sealed
from mailguard.mail.mime import parse

MAIL = Path(__file__).parents[3] / "shared" / "data" / "mail"
ORDINARY = ("ham_2002", "spam_2002", "foi_mail", "dkim_vector", "list_", "team_", "few_", "single", "encrypted_")


@pytest.mark.skipif(not MAIL.is_dir(), reason="the development mail is not here")
def test_every_file_is_read_and_ordinary_mail_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    table: Counter[tuple[str, str]] = Counter()
    wrong = []
    for line in (MAIL / "manifest.jsonl").read_text().splitlines():
        row = json.loads(line)
        structure = parse((MAIL / row["file"]).read_bytes())
        body = text_parts(structure)
        encrypted = any(part.state.value == "encrypted" for part in body.parts) or any(
            sealed(leaf.data()) for leaf in structure.documents
        )
        defects = (*structure.defects, *body.defects)
        table[row["label"], "files"] += 1
        table[row["label"], "with text"] += bool(body.texts)
        table[row["label"], "malformed"] += bool(defects)
        table[row["label"], "encrypted"] += encrypted
        if defects and row["label"].startswith(ORDINARY):
            wrong.append((row["file"], defects))
        if encrypted and not row["label"].startswith("encrypted"):
            wrong.append((row["file"], ("encrypted",)))
    with capsys.disabled():
        for label in sorted({label for label, _ in table}):
            counts = ", ".join(
                f"{table[label, name]} {name}" for name in ("files", "with text", "malformed", "encrypted")
            )
            print(f"\n{label:<24}{counts}", end="")
    assert wrong == []

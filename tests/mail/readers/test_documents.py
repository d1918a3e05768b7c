"""Every development document is read, or named unreadable with a reason. Prints a table (`pytest -s`)."""

import json
from pathlib import Path

import pytest

from mailguard.mail.contents import UNREADABLE, State
from mailguard.mail.limits import Limits
from mailguard.mail.readers.dispatch import read_document

# Where development data lies, if this checkout stands beside it.
FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "documents"
MANIFEST = FOLDER / "manifest.jsonl"
CLOSED = {State.ENCRYPTED, State.LOCKED}

pytestmark = pytest.mark.skipif(not MANIFEST.exists(), reason=f"no development documents at {FOLDER}")


@pytest.fixture(scope="module")
def documents():
    lines = [json.loads(line) for line in MANIFEST.read_text().splitlines()] if MANIFEST.exists() else []
    return [(line, read_document(FOLDER / line["file"], line["file"], "", Limits())) for line in lines]


def test_each_is_read_or_has_a_reason(documents):
    for line, document in documents:
        print(f"{line['label']:28} {document.kind:16} {document.state:10} {line['file'][:60]:60} {document.why}")
        assert document.kind, line["file"]
        if document.state in UNREADABLE | {State.ENCRYPTED}:
            assert document.why, line["file"]
        for part in document.parts:
            assert part.state not in UNREADABLE or part.why, (line["file"], part.path)


def test_encryption_agrees_with_what_was_measured(documents):
    """Files that open with the empty user password, or are only under an owner's, are encrypted in form only."""
    for line, document in documents:
        in_form_only = "empty" in line["file"] and document.state is State.READ
        if line["is_encrypted"] is None or in_form_only:
            continue
        found = document.state in CLOSED or any(part.state in CLOSED for part in document.parts)
        assert found == line["is_encrypted"], line["file"]


def test_what_is_hidden_is_named(documents):
    for line, document in documents:
        if line["label"] == "spreadsheet_hidden":
            named = " ".join(item.what for item in document.hidden)
            for thing in ("hidden row", "hidden column", "hidden sheet"):
                assert thing not in line["note"] or thing in named, line["file"]
        if line["label"] == "protected_not_encrypted":
            assert document.state is State.READ, line["file"]


def test_side_texts_and_letters_are_read(documents):
    for line, document in documents:
        if line["label"] in {"spreadsheet_side_text", "word_side_text", "slides_side_text", "personal_data", "plain"}:
            assert document.state in {State.READ, State.NO_TEXT}, line["file"]
            assert document.texts, line["file"]


def test_bombs_and_endless_files_end(documents):
    for line, document in documents:
        if line["label"] == "bomb" or "quine" in line["file"]:
            states = {document.state, *(part.state for part in document.parts)}
            assert State.OVER_LIMIT in states, line["file"]

"""The reader process: requests on standard input, answers on standard output.

Law: it enters its cage before the first byte.

Requests (see `frames`): {"job": "document", "name", "declared", "seconds", "limits"} with the document's bytes, or
with {"path", "skip"} of a spool file; {"job": "mail"} and {"job": "leaf", "leaf"} for a large mail.
"""

from __future__ import annotations

import importlib
import io
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from mailguard.mail import blocks, sandbox
from mailguard.mail.limits import Limits
from mailguard.mail.readers import codec, dispatch, frames, needs

PARSERS = ("pdf", "xls", "office", "docx", "xlsx", "zip", "archive", "locked", "ole", "html", "eml")
AT_ONCE = 1_048_576  # bytes of a spool file
FATTEST = 400_000_000  # bytes resident, after which the process retires


def main() -> None:
    """Serve requests until standard input ends."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # A library that prints would break the frames.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    blocks.give_back()
    for name in PARSERS:
        importlib.import_module(f"mailguard.mail.readers.{name}")
    caged = sandbox.enter(int(sys.argv[1]))
    frames.send(answers, {"ready": True, "missing": needs.missing(caged)})
    while (request := frames.receive(requests)) is not None:
        head, body = request
        sandbox.allow_cpu(float(head["seconds"]))
        answer = _answer(head, body)
        answer["retire"] = _resident() > FATTEST
        frames.send(answers, answer)


def _resident() -> int:
    """Bytes in memory now. getrusage's peak will not do: over fork and exec it takes along that of the parent."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _answer(head: dict[str, Any], body: bytes) -> dict[str, Any]:
    limits, data = Limits(**head["limits"]), _bytes(head, body)
    if head["job"] == "document":
        return codec.encode(dispatch.read_document(data, head["name"], head["declared"], limits))
    whole = importlib.import_module("mailguard.mail.readers.whole")
    answer: dict[str, Any] = (
        whole.mail(data, limits) if head["job"] == "mail" else whole.leaf(data, head["leaf"], limits)
    )
    return answer


def _bytes(head: dict[str, Any], body: bytes) -> bytes:
    """The bytes of a request: its body, and after it what stands in a spool file from `skip` on."""
    if "path" not in head:
        return body
    whole = io.BytesIO()  # to join two strings would hold a large mail twice
    whole.write(body)
    with Path(head["path"]).open("rb") as file:
        file.seek(head["skip"])
        shutil.copyfileobj(file, whole, AT_ONCE)
    return whole.getvalue()


if __name__ == "__main__":
    main()

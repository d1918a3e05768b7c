"""Rich text. Law: what Word would hide or has struck out is in the text too; objects inside are taken out.

Microsoft RTF 1.9.1; words by striprtf.
"""

from __future__ import annotations

import re

from striprtf.striprtf import rtf_to_text

from mailguard.mail.readers import ole
from mailguard.mail.readers.document import Reading

_OBJECT = re.compile(r"\\objdata\b[^0-9a-fA-F]{0,200}([0-9a-fA-F\s]+)")
_SIDE = re.compile(r"\{\\\*\\(?:annotation|atnauthor)\b|\\(?:deleted|revised|v)(?![a-z0-9])")
_FIELD = re.compile(r"\{\\(title|author|company|subject|keywords|comment|operator)\s+([^{}\\]{1,500})\}")
_LABELS = {"\\v": "hidden text", "\\deleted": "tracked deletions", "\\revised": "tracked changes"}


def read(data: bytes, out: Reading) -> None:
    """Read rich text into `out`."""
    source = data.decode("latin-1")
    plain: str = rtf_to_text(_unmarked(source), errors="replace")  # type: ignore[no-untyped-call]
    out.text(plain.replace("|", "\t"))
    out.text("\n".join(f"{key}: {value}" for key, value in _FIELD.findall(source)), "document properties")
    marks: dict[str, int] = {}
    for match in _SIDE.finditer(source):
        label = _LABELS.get(match.group(), "comments" if "annotation" in match.group() else "")
        marks[label] = marks.get(label, 0) + 1
    for label, count in marks.items():
        if label:
            out.hide(label, count)
    for number, match in enumerate(_OBJECT.finditer(source), 1):
        digits = re.sub(r"\s", "", match[1])
        body = bytes.fromhex(digits[: len(digits) // 2 * 2])
        out.budget.inflate(len(body))
        out.hide("embedded object")
        start = body.find(ole.MAGIC)
        if start >= 0:
            out.member(f"object {number}", body[start:])
        else:
            name, content = ole.package(body)
            out.member(name or f"object {number}", content or body)


def _unmarked(source: str) -> str:
    r"""Comments are destinations a reader may skip (`\*`): without that mark their words come out with the rest."""
    return source.replace("{\\*\\annotation", "{\\annotation")

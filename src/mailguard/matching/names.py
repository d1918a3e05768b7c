"""Names of people as they are written. Law: a title, label or listed first name makes a name, capitals alone do not.

Works on the original text, since folding undoes capitals. Office-holders (Cllr, Dr, Prof ...) are public persons
here: a doctor who signs is not the patient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import re2

from mailguard.mail.contents import Text

TITLES = r"(?:Mr|Mrs|Ms|Miss|Mx|Master|Mstr|MR|MRS|MS|MISS|mr|mrs|miss)\.?"
WORD = r"\p{Lu}[\p{L}'’.-]*"
LABELS = (
    r"(?i:(?:full |employee |customer |service user |young person |carer |complainant "
    r"|(?:patient|client|tenant|child|pupil|applicant|claimant|resident)(?:'s)? )?name|enw(?: llawn)?"
    r"|patient|client|tenant|claimant|applicant|pupil|service user|resident|complainant|constituent|data subject)"
)
OFFICE = re2.compile(
    r"(?i)(?:cllr|councillor|dr|doctor|prof|professor|rev|reverend|sir|dame|lord|lady|pc|sgt|judge|mp|cyng|chair|clerk)"
    r"\.? (?:[a-z]+ )?$"
)
NOT_SURNAMES = frozenset({
    "Road", "Street", "Lane", "Avenue", "Close", "Drive", "Park", "House", "Court", "Hall", "Hospital", "School",
    "Council", "Centre", "Ward", "Square", "Terrace", "Church", "Trust", "Award", "Foundation", "Ltd", "Limited",
    "Act",
})  # fmt: skip


@dataclass(frozen=True)
class Name:
    """A name's place in the original text; `labelled` by a form's word, `titled` by Mr, Mrs and the like."""

    start: int
    end: int
    labelled: bool = False
    titled: bool = False


class Names:
    """Finds names with a list of first names (lower case)."""

    def __init__(self, first_names: Iterable[str]) -> None:
        self._first = frozenset(name for line in first_names for name in line.split())
        self._label = re2.compile(rf"\b{LABELS} ?[:\x{{2013}}-]\s{{0,3}}(?:{TITLES} )?({WORD}(?:,? {WORD}){{1,3}})")
        self._titled = re2.compile(rf"\b{TITLES} (?:{WORD} ){{0,3}}{WORD}")
        self._capitals = re2.compile(rf"{WORD}(?: {WORD}){{1,6}}")

    def find(self, content: str) -> Iterator[Name]:
        """Every name; office-holders and streets named after people are left out."""
        for match in self._label.finditer(content):
            yield Name(match.start(1), match.end(1), labelled=True)
        for match in self._titled.finditer(content):
            yield Name(match.start(), match.end(), titled=True)
        for match in self._capitals.finditer(content):
            ahead = content[max(0, match.start() - 24) : match.start()]
            yield from self._listed(match.group(), match.start(), ahead)

    def _listed(self, run: str, start: int, ahead: str) -> Iterator[Name]:
        """Names in a run of capital words that begin with a listed first name: "Yesterday Ann Mary Brown"."""
        words = run.split(" ")
        for index, word in enumerate(words[:-1]):
            place = sum(len(before) + 1 for before in words[:index])
            office = OFFICE.search(ahead + run[:place])
            if word.lower() in self._first and not office and not NOT_SURNAMES & set(words[index + 1 :]):
                yield Name(start + place, start + len(run))
                return


def around(text: Text, start: int, end: int, width: int) -> str:
    """The original text about a folded span. Where folding changed the length, the place is scaled and widened."""
    content, folded = text.content, text.folded
    drift = abs(len(content) - len(folded))
    if drift:
        scale = len(content) / max(1, len(folded))
        start, end, width = int(start * scale), int(end * scale), width + min(drift, 200)
    return content[max(0, start - width) : end + width]

"""Names of people as they are written. Law: a title, label or listed first name makes a name, capitals alone do not.

Works on the original text, since folding undoes capitals. Office-holders (Cllr, Dr, Prof ...) are public persons
here: a doctor who signs is not the patient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import re2

from mailguard.mail.contents import Text

SURNAME = r"\p{Lu}[\p{L}'’]+(?:-\p{Lu}[\p{L}'’]+)?"
INITIALS = r"(?:\p{Lu}\.? ){0,3}"
TITLES = r"(?:Mr|Mrs|Ms|Miss|Mx|Master|Mstr|MR|MRS|MS|MISS|mr|mrs|miss)\.?"
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
    """A name's place in the original text; `labelled` where a form's word stands before it."""

    start: int
    end: int
    labelled: bool = False


class Names:
    """Finds names with a list of first names (lower case)."""

    def __init__(self, first_names: Iterable[str]) -> None:
        first = "|".join(sorted({name.capitalize() for line in first_names for name in line.split()})) or r"\z."
        self._expression = re2.compile(
            rf"\b{TITLES} {INITIALS}(?:(?:{first}) )?{INITIALS}{SURNAME}"
            rf"|\b(?:{first}) {INITIALS}{SURNAME}(?: {SURNAME})?"
        )
        first_word, more = r"\p{Lu}[\p{L}'’.-]*", r"(?:,? \p{Lu}[\p{L}'’.-]*){1,3}"
        self._label = re2.compile(rf"\b{LABELS} ?[:\x{{2013}}-]\s{{0,3}}(?:{TITLES} )?({first_word}{more})")

    def find(self, content: str) -> Iterator[Name]:
        """Every name; office-holders and streets named after people are left out."""
        for match in self._label.finditer(content):
            yield Name(match.start(1), match.end(1), labelled=True)
        for match in self._expression.finditer(content):
            last = match.group().split()[-1]
            if last not in NOT_SURNAMES and not OFFICE.search(content[max(0, match.start() - 24) : match.start()]):
                yield Name(match.start(), match.end())


def around(text: Text, start: int, end: int, width: int) -> str:
    """The original text about a folded span. Where folding changed the length, the place is scaled and widened."""
    content, folded = text.content, text.folded
    drift = abs(len(content) - len(folded))
    if drift:
        scale = len(content) / max(1, len(folded))
        start, end, width = int(start * scale), int(end * scale), width + min(drift, 200)
    return content[max(0, start - width) : end + width]

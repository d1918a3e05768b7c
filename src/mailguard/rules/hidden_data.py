"""Lists what a document's reader does not see. Law: it is hidden *and* holds something, or it is no finding.

Source: ICO advisory note of September 2023 and hidden-data guidance of 31 July 2025 (LAW-8: hidden rows, columns and
sheets, pivot caches, comments, tracked changes, embedded files). Document properties are none: every file has them.
What holds people's data, and every pivot cache with records, is high; sheets, changes and comments are medium; a few
hidden columns or rows, notes of slides, strings a program left behind and unseen text of the mail's own HTML are low,
being everyday.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from mailguard.mail.contents import Hidden, Table, Text
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.scan import Scan
from mailguard.rules.rule import Rule

# Words in a reader's description, the kind a clause may select on, and how sure it is; the first that fits counts.
KINDS: tuple[tuple[str, str, Confidence], ...] = (
    ("pivot cache", "pivot_cache", Confidence.HIGH),
    ("very hidden sheet", "hidden_sheet", Confidence.MEDIUM),
    ("hidden sheet", "hidden_sheet", Confidence.MEDIUM),
    ("hidden row", "hidden_rows", Confidence.LOW),
    ("hidden column", "hidden_columns", Confidence.LOW),
    ("external link", "external_link", Confidence.MEDIUM),
    ("tracked", "tracked_changes", Confidence.MEDIUM),
    ("comment", "comments", Confidence.MEDIUM),
    ("slide notes", "slide_notes", Confidence.LOW),
    ("hidden slide", "hidden_slide", Confidence.MEDIUM),
    ("embedded", "embedded", Confidence.LOW),
    ("unused string", "unused_strings", Confidence.LOW),
    ("data model", "data_model", Confidence.MEDIUM),
    ("deleted record", "deleted_records", Confidence.MEDIUM),
    ("propert", "properties", Confidence.LOW),
)
MANY = 5
LONG = 40
SECRET = frozenset({"hidden_rows", "hidden_columns", "hidden_text"})
PEOPLE = ("personal_data",)


class HiddenData(Rule):
    """One finding a kind and document; its reason lists what is hidden."""

    name = "hidden_data"
    family = "hidden_data"
    rank = 3
    reads = ("personal_data",)
    source = "LAW-8; ICO hidden-data guidance, 2025"

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """What the reader listed, raised where rules found people in it."""
        hidden = mail.contents.hidden
        if not hidden and not any(text.hidden for text in mail.contents.texts):
            return
        telling = {finding.where for finding in scan.found(*PEOPLE) if finding.confidence >= Confidence.MEDIUM}
        groups: dict[tuple[str, str], list[Hidden]] = defaultdict(list)
        for item in hidden:
            kind, _ = kind_of(item.what)
            if kind != "properties":
                groups[document_of(item.where), kind].append(item)
        people = self.hidden_people(mail, telling)
        for (document, kind), items in groups.items():
            yield self.judge(document, kind, items, (document, kind) in people)
        for document, kind in sorted(people - set(groups)):
            why = "Text that a reader does not see holds people's data."
            yield self.finding(document, Confidence.HIGH, why, count=1, kind=kind)

    def judge(self, document: str, kind: str, items: list[Hidden], people: bool) -> Finding:
        """One document's hidden things of one kind."""
        count = sum(item.count for item in items)
        grade = max(kind_of(item.what)[1] for item in items)
        if kind in SECRET and count >= MANY:
            grade = max(grade, Confidence.MEDIUM)
        listed = ", ".join(dict.fromkeys(item.what for item in items))
        why = f"Hidden from the reader: {listed}" + ("; it holds people's data." if people else ".")
        return self.finding(document, Confidence.HIGH if people else grade, why, count=count, kind=kind)

    def hidden_people(self, mail: Mail, telling: set[str]) -> set[tuple[str, str]]:
        """Documents and kinds whose hidden texts or tables are places of people's data."""
        found = set()
        items: list[Text | Table] = [*mail.contents.texts, *mail.contents.tables]
        for item in items:
            if item.hidden and any(place == item.where or place.startswith(item.where + " (") for place in telling):
                found.add((document_of(item.where), kind_of(item.hidden)[0]))
        return found


def kind_of(what: str) -> tuple[str, Confidence]:
    """The kind and everyday confidence of a description."""
    words = what.casefold()
    for mark, kind, grade in KINDS:
        if mark in words:
            return kind, grade
    return "hidden_text", Confidence.MEDIUM


def document_of(where: str) -> str:
    """The document's name out of a place: "Residents.xlsx, sheet 'Sheet2'" is in "Residents.xlsx"."""
    return where.partition(", ")[0]

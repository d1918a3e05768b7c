"""The signs of each purpose, with their weights.

Law: a sign is countable and has words; none decides alone but the mark.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Confidence
from mailguard.mail.mail import Mail

Signs = Mapping[str, list[tuple[float, str]]]
KINDS = ("council", "personal", "group", "campaign", "private_business")
PICTURES = frozenset({"jpeg", "jpg", "png", "heic", "gif", "webp", "tiff", "mp4", "mov", "quicktime", "video", "image"})
PAPERS = frozenset({"docx", "doc", "pdf", "xlsx", "xls", "pptx", "odt", "csv"})


@dataclass(frozen=True)
class Case:
    """What other rules and the word lists say: distinct phrases by list, marks, levels found."""

    words: Mapping[str, int]
    office: bool
    marks: frozenset[str]
    political: Confidence | None
    marketing: Confidence | None

    @property
    def at_work(self) -> bool:
        """True where any word of council business, casework, minutes or trade stands in the mail."""
        return any(self.words[key] for key in ("council", "service", "minutes", "business"))


def signs_of(mail: Mail, case: Case) -> Signs:
    """(weight, reason) by purpose; a negative weight speaks against it."""
    signs: dict[str, list[tuple[float, str]]] = {kind: [] for kind in KINDS}
    for part in (_of_words(case), _of_recipients(mail, case), _of_form(mail, case), _of_attachments(mail, case)):
        for kind, items in part.items():
            signs[kind] += items
    return signs


def _of_words(case: Case) -> Signs:
    made: dict[str, list[tuple[float, str]]] = defaultdict(list)
    words = case.words
    private = words["personal"] + (0.5 * words["shared"] if words["personal"] else 0)
    if private:
        made["personal"].append((min(3.0, 1.2 * private), "words of family, friends or free time"))
        if not case.at_work:
            made["personal"].append((1.2, "no word of council business"))
    if words["council"]:
        made["council"].append((min(3.0, 0.9 * words["council"]), "words of council business"))
    if words["service"]:
        made["council"].append((min(3.0, 1.0 * words["service"]), "words of casework"))
        made["personal"].append((-1.0 * min(2, words["service"]), "words of casework"))
    if words["minutes"]:
        made["council"].append((min(2.0, 0.7 * words["minutes"]), "words of minutes or agendas"))
    if words["business"]:
        made["private_business"].append((min(5.0, 1.6 * words["business"]), "words of trade"))
    if case.marketing and case.marketing >= Confidence.MEDIUM:
        made["private_business"].append((2.0, "marks of marketing"))
    if case.political and case.political >= Confidence.MEDIUM:
        made["campaign"].append((6.0 if case.political is Confidence.HIGH else 5.0, "party-political content"))
    return made


def _of_recipients(mail: Mail, case: Case) -> Signs:
    made: dict[str, list[tuple[float, str]]] = defaultdict(list)
    audience = mail.audience
    everyone = audience.everyone
    if not everyone:
        return made
    council = everyone - audience.external
    public = {address for address in audience.external if _public(address)}
    if audience.group and everyone <= audience.group | council and everyone & audience.group:
        inside = len(everyone & audience.group)
        if inside * 2 >= len(everyone):
            made["group"].append(
                (3.0 if case.words["council"] or case.words["group"] else 1.5, "all in the sender's group")
            )
    if len(council) + len(public) == len(everyone):
        # Colleagues are also whom people ask to a leaving party: addresses tell little where the words tell more.
        alone = case.words["personal"] and not case.at_work
        made["council"].append((0.4 if alone else 1.6, "all recipients are the council's or public bodies'"))
        made["personal"].append((0.0 if alone else -0.6, "recipients at the council"))
    elif audience.external == everyone and not public and len(everyone - audience.private) == 0:
        made["personal"].append((0.4 if case.at_work else 1.0, "free-mail or private recipients only"))
        if len(everyone) > 1 and not case.at_work:
            made["personal"].append((0.6, "several private addresses"))
    if audience.own_private:
        made["personal"].append((0.5, "a private address of the sender's own"))
    return made


def _public(address: str) -> bool:
    return address.endswith((".gov.uk", ".nhs.uk", ".police.uk", ".gov.wales", ".gov.scot", ".parliament.uk", ".ac.uk"))


def _of_form(mail: Mail, case: Case) -> Signs:
    made: dict[str, list[tuple[float, str]]] = defaultdict(list)
    if "personal" in case.marks:
        made["personal"].append((4.0, "marked personal by the sender"))
    signed = any(text.layer is Layer.SIGNATURE for text in mail.contents.texts)
    if case.office:
        made["council"].append((1.2, "signed or written in office"))
        made["personal"].append((-0.5, "written in office"))
    elif not signed and case.words["personal"]:
        made["personal"].append((0.6, "no signature of office"))
    if mail.contents.headers.first("in-reply-to") and case.words["service"]:
        made["council"].append((1.0, "a reply in a thread"))
    return made


def _of_attachments(mail: Mail, case: Case) -> Signs:
    made: dict[str, list[tuple[float, str]]] = defaultdict(list)
    attached = [part for part in mail.contents.parts if part.attachment and "/" not in part.path]
    if not attached:
        return made
    pictures = sum(part.kind in PICTURES or part.declared.startswith(("image/", "video/")) for part in attached)
    if pictures == len(attached) and not case.words["service"] and not case.words["council"]:
        made["personal"].append((1.5 if pictures > 1 else 0.8, "pictures and nothing else attached"))
    elif any(part.kind in PAPERS for part in attached) and case.words["council"]:
        made["council"].append((0.6, "papers attached"))
    return made

"""Joins what stands together about one person: name, birth date, address, numbers. Law: no part is enough alone.

Source: Manchester s6.2.2 and Lancashire protocol Appendix A (SEC-1: birth date with name and address). It works on the
places that the identifier rules left, within a passage, and on records in JSON by their keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import ClassVar

from mailguard.mail.contents import Layer, Text
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.names import Names, around
from mailguard.matching.scan import EVERYWHERE, Scan
from mailguard.rules._identifier import Grade, places
from mailguard.rules.rule import SELF, Options, Rule, Tools

LAYERS = EVERYWHERE - {Layer.SIGNATURE, Layer.DISCLAIMER}
CONTACT = {"postal_address": "address", "phone_number": "phone", "email_address": "e-mail"}
STRONG = {
    "nhs_number": "NHS number", "nino": "National Insurance number", "utr": "tax reference", "upn": "pupil number",
    "driving_licence": "driver number", "passport": "passport", "bank_account": "bank account", "payment_card": "card",
    "iban": "IBAN", "council_reference": "council reference", "electoral_number": "elector number",
}  # fmt: skip
BIRTH, DOUBTFUL = "date of birth", "identifier"
REACH = 420
KEYS_ENOUGH = 3
KEYS = (
    r"family|given|sur_?name|last_?name|fore_?names?|first_?name|full_?name|gender|sex|postal_?code|post_?code|address"
    r"|telecom|nhs_?number|nino|phone|email|resourcetype[\"']\s*:\s*[\"'](?:patient|relatedperson|person)"
)


class PersonRecord(Rule):
    """One finding a place: which kinds stand together."""

    name = "person_record"
    family = "personal_data"
    rank = 1
    source = "SEC-1; Manchester s6.2.2"
    wakes = (SELF, "personal_data")
    hits: ClassVar[tuple[str, ...]] = (
        "Name: Ann Brown\nDOB: 12/04/1978\nAddress: 12 Mill Lane, Ormskirk L39 1AA",
        "Mrs Joan Price, date of birth 3 March 1950, 15 Heol y Parc, Caerdydd CF11 6JU",
        '{"given": "Ann", "family": "Brown", "birthDate": "1978-04-12"}',
        "Mr John Hughes lives at 12 Mill Lane, Ormskirk L39 1AA, mobile 07700 900123",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "My name is Jacob",
        "Mrs Price asked about the bins in Mill Lane.",
        '{"name": "bin_day", "family": "uk", "url": "https://example.org"}',
        "The Clerk, Parish Office, 12 Mill Lane, Ormskirk L39 1AA, tel 01695 577177",
    )

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        self.names = Names(tools.words.get("first_names", ()))

    @property
    def patterns(self) -> Mapping[str, str]:
        """Keys of records about people, as programs write them."""
        born = r"[\"'](?:[a-z_]{0,12}birth_?date|date_?of_?birth|dob|birth_?day)[\"']\s*:"
        return {
            "born": born,
            "key": rf"[\"']({KEYS})[\"']",
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Passages first, then records by key."""
        marks = self.marks(scan) if scan.found("personal_data") else {}
        for text, found in marks.values():
            best = self.passage(text, found)
            if best:
                grade, kinds = best
                why = f"About one person: {', '.join(kinds)}."
                yield self.finding(text.where, grade, why, count=1, kind="record")
        yield from self.keyed(scan)

    def marks(self, scan: Scan) -> dict[int, tuple[Text, list[tuple[int, str]]]]:
        """Places by text: offset and kind."""
        found: dict[int, tuple[Text, list[tuple[int, str]]]] = {}
        doubtful = {f"{name}?": DOUBTFUL for name in ("nhs_number", "nino", "utr", "payment_card")}
        for name, kind in {**STRONG, **CONTACT, **doubtful, "date_of_birth": BIRTH}.items():
            for span in places(scan, name):
                if span.text.layer in LAYERS:
                    mobile = kind == "phone" and span.matched.replace(" ", "").lstrip("+0(").startswith(("7", "447"))
                    found.setdefault(id(span.text), (span.text, []))[1].append(
                        (span.start, "mobile" if mobile else kind)
                    )
        return found

    def passage(self, text: Text, found: list[tuple[int, str]]) -> tuple[Confidence, list[str]] | None:
        """The surest passage of one text: what stands within REACH characters after a mark."""
        found.sort()
        best: tuple[Confidence, list[str]] | None = None
        for index, (start, _) in enumerate(found[:200]):
            inside = [item for item in found[index : index + 12] if item[0] - start <= REACH]
            kinds = {kind for _, kind in inside}
            if best and best[0] is Confidence.HIGH:
                break
            grade, named = self.judge(text, start, inside[-1][0], kinds)
            if grade and (best is None or grade > best[0]):
                best = grade, ["name", *sorted(kinds)] if named else sorted(kinds)
        return best

    def judge(self, text: Text, start: int, end: int, kinds: set[str]) -> tuple[Grade, bool]:
        """How sure the kinds of one passage make us, and whether a name stands there."""
        strong = kinds & set(STRONG.values())
        if len(strong) > 1 or (strong and BIRTH in kinds):
            return Confidence.HIGH, False
        if BIRTH in kinds and DOUBTFUL in kinds:
            return Confidence.MEDIUM, False
        if BIRTH not in kinds and not strong and len(kinds - {DOUBTFUL}) < 2:
            return None, False
        names = list(self.names.find(around(text, start, end, 160)))
        if not names:
            return (Confidence.MEDIUM if BIRTH in kinds and "address" in kinds else None), False
        if strong:
            return (
                Confidence.HIGH if len(kinds) > 1 else Confidence.MEDIUM if BIRTH in kinds else Confidence.LOW
            ), True
        if BIRTH in kinds:
            return (Confidence.HIGH if len(kinds) > 1 else Confidence.MEDIUM), True
        labelled = any(name.labelled for name in names)
        if "address" in kinds and ("mobile" in kinds or labelled):
            return Confidence.MEDIUM, True
        return Confidence.LOW, True

    def keyed(self, scan: Scan) -> Iterable[Finding]:
        """JSON and the like: enough keys of people's data in one text."""
        if not self.seen(scan, "key", LAYERS):
            return
        keys: dict[int, tuple[Text, set[str]]] = defaultdict()
        for pattern in ("key", "born"):
            if self.seen(scan, pattern, LAYERS):
                for span in self.spans(scan, pattern, LAYERS):
                    key = "born" if pattern == "born" else span.groups[1] or ""
                    keys.setdefault(id(span.text), (span.text, set()))[1].add(key)
        for text, names in keys.values():
            telling = names & {"born", "nhsnumber", "nhs_number", "nino"} or any(
                name.startswith("resourcetype") for name in names
            )
            if len(names) >= KEYS_ENOUGH and telling:
                why = f"A record about a person, by {len(names)} of its keys."
                yield self.finding(text.where, Confidence.MEDIUM, why, count=1, kind="record")

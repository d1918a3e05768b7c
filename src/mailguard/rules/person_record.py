"""Joins what stands together about one person: name, birth date, address, numbers. Law: no part is enough alone.

Source: Manchester s6.2.2 and Lancashire protocol Appendix A (SEC-1: birth date with name and address). It works on the
places that the identifier rules left, within a passage, and on records in JSON by their keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import ClassVar

import re2

from mailguard.mail.contents import Layer, Text
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.dates import MONTHS, birth_date, year_of
from mailguard.matching.identifiers import compact
from mailguard.matching.names import ahead_of, around
from mailguard.matching.scan import EVERYWHERE, Scan, Span
from mailguard.rules._contact import Contact, contacts_of, own_words
from mailguard.rules._identifier import Grade, places, vocabulary
from mailguard.rules._signature import Signatures
from mailguard.rules.rule import SELF, Options, Rule, Tools

LAYERS = EVERYWHERE - {Layer.SIGNATURE, Layer.DISCLAIMER}
CONTACT = {
    "postal_address": "address", "phone_number": "phone", "email_address": "e-mail", "vehicle_registration": "vehicle",
    "vehicle_registration?": "vehicle",
}  # fmt: skip
STRONG = {
    "nhs_number": "NHS number", "nino": "National Insurance number", "utr": "tax reference", "upn": "pupil number",
    "driving_licence": "driver number", "passport": "passport", "bank_account": "bank account", "payment_card": "card",
    "iban": "IBAN", "council_reference": "council reference", "electoral_number": "elector number",
}  # fmt: skip
BIRTH, DOUBTFUL, BORN, CHILD = "date of birth", "identifier", "birth date by its place", "birth date of a child"
OWN_KINDS = frozenset(CONTACT.values())
REACHES = frozenset({"address", "phone", "mobile", "e-mail"})
LIFE, CHILDHOOD, GROWN, MOST = 105, 18, 16, 60
RANGE = re2.compile(r"^ ?(?:-|to|until|\)? ?d\.|died)")
BORN_SHORT = re2.compile(r",? ?\(?(?:b\.|g\.) ?$")
# Where somebody lives, by the words alone: streets abroad, and those without a postcode.
HOME = (
    r"\b(?:he|she) (?:now |still )?lives (?:at|on the) [^.\n£%?]{0,40}\b\d{1,5}[a-z]?\b"
    r"|\b(?:my new|(?:his|her) (?:new |home |current )?) ?address is [^@\n?]{0,40}\b\d{1,5}[a-z]?\b"
)
NO_PLACE = frozenset(
    {"and", "case", "file", "for", "has", "have", "on", "page", "ref", "reference", "since", "under", "with"}
)
# A date of a past life right behind a name, as a file has it, where the words are of a case about him.
APPOSED = (
    rf"[a-z.)][,:]? ?[-(|,\x{{2013}}] ?(\d{{1,2}}[ ./-](?:\d{{1,2}}|(?:{MONTHS}))[ ./-](?:19[2-9]\d|200\d|[3-9]\d))"
    r"(?: ?[),|;-]|\s*\n|\s*$)"
)
CASE = re2.compile(
    r"\b(?:needs?|waiting|tenant|resident|constituent|patient|client|carers?|care package|reassess\w*|assess\w*"
    r"|referr\w+|blue badge|bus pass|benefits?|housing|rehoused|allowance|pension credit|attendance|operation|ramp"
    r"|stairlift|adaptations?|arrears|claim\w*|eviction|disabled|disability|dementia|mobility|wheelchair)\b"
)
PAST = re2.compile(
    r"\b(?:died|death|letters?|dated|minutes?|photo\w*|joined|retired|appointed|elected|founded|signed|war|regiment|since"
    r"|chair\w*|agenda|meeting|report|approved|granted|decision|published|history|plaque|ref)\b"
)
TOLD = 100
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
        "about Jamie Turner, born 3/4/2015, of 12 Mill Lane, Walsall WS1 2CD",
        "Mrs Joan Price (07/09/1955) of 4 Rose Court, Preston PR1 4AB",
        "I copy housing@anytown.gov.uk: Joanna Price of 4 Rose Court rang on 07700 900461 about her bins",
        "He lives at 14 Acacia Road and can't get out",
        "Ann Brown (16/3/58) has applied for a bus pass",
        "Ann Brown - 16 March 1958 - needs a ramp",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "My name is Jacob",
        "Mrs Price asked about the bins in Mill Lane.",
        "She lives on £80 a week. He lives on the 3rd floor.",
        "His address is on file under case 4512. She lives at the hostel and has waited 3 months.",
        "Dear Mr Hughes, my new address is 12 Mill Lane. Do call in.",
        '{"name": "bin_day", "family": "uk", "url": "https://example.org"}',
        "The Clerk, Parish Office, 12 Mill Lane, Ormskirk L39 1AA, tel 01695 577177",
        "Quotation by Mr Andy Ash, Ash Tree Care, 4 Mill Road, Preston PR1 5AA, 07700 900400",
        "Letter of Ann Brown (16/03/1998) about the bus pass",
        "Ann Brown (16/03/1998) spoke of the hall.",
        "Ann Brown (16/03/2018) has asked about the bus pass for residents",
        "Your contact is Joanna Price, Principal Planner, mobile 07700 900461, j.price@anytown.gov.uk.",
        "Joanna Price\nPrincipal Planner\nd: 0161 496 0512\nm: 07700 900461\ne: j.price@anytown.gov.uk",
        "Joanna Price j.price@anytown.gov.uk m: 07700 900461",
        "Neighbourhood Watch: Brian Marsh, 12 Mill Lane, Ormskirk L39 1AA, 01695 577177",
        "Pte James Alder, born 12 February 1893, of 6 Back Lane, Nelson BB9 7AA",
    )

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        self.names = tools.names
        words = vocabulary(tools, self.name)
        trade = words.get("business", ())
        self.business = re2.compile(rf"\b(?:{'|'.join(trade) or 'ltd'})\b")
        self.contacts, self.signatures = contacts_of(tools), Signatures(tools)

    @property
    def patterns(self) -> Mapping[str, str]:
        """Keys of records about people, as programs write them."""
        born = r"[\"'](?:[a-z_]{0,12}birth_?date|date_?of_?birth|dob|birth_?day)[\"']\s*:"
        return {
            "born": born,
            "home": HOME,
            "apposed": APPOSED,
            "key": rf"[\"']({KEYS})[\"']",
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Passages first, then records by key."""
        marks = self.marks(mail, scan) if scan.found("personal_data") else {}
        self.births(scan, mail.at.year, marks)
        home = self.seen(scan, "home", LAYERS)
        own = own_words(mail) if marks or home else frozenset()
        for text, found in marks.values():
            best = self.passage(text, found, own)
            if not best or best[0] is Confidence.LOW:
                best = self.contact(text, found, own) or best
            if best:
                grade, kinds = best
                why = f"About one person: {', '.join(kinds)}."
                yield self.finding(text.where, grade, why, count=1, kind="record")
        if home:
            for text in {id(span.text): span.text for span in self.homes(scan, own)}.values():
                yield self.finding(text.where, Confidence.MEDIUM, "Where one person lives.", count=1, kind="record")
        yield from self.apposed(scan)
        yield from self.keyed(scan)

    def apposed(self, scan: Scan) -> Iterable[Finding]:
        """A birth date that nothing but its place behind a name tells, in a text about a case of his."""
        if not self.seen(scan, "apposed", LAYERS):
            return
        for span in islice(self.spans(scan, "apposed", LAYERS), MOST):
            near, start = span.near(TOLD), span.end - len(span.matched) + span.matched.index(span.last)
            if not CASE.search(near) or PAST.search(near) or not birth_date(span.last):
                continue
            if self.named_before(span.text, start):
                why = "About one person: name, date of birth by its place."
                yield self.finding(span.text.where, Confidence.MEDIUM, why, count=1, kind="record")
                return

    def marks(self, mail: Mail, scan: Scan) -> dict[int, tuple[Text, list[tuple[int, str]]]]:
        """Places by text: offset and kind. What also stands in the sender's signature is his own contact."""
        found: dict[int, tuple[Text, list[tuple[int, str]]]] = {}
        strange = self.signatures.strange(mail, scan)
        signed = signature(mail, strange)
        doubtful = {f"{name}?": DOUBTFUL for name in ("nhs_number", "nino", "utr", "payment_card")}
        for name, kind in {**STRONG, **CONTACT, **doubtful, "date_of_birth": BIRTH}.items():
            for span in places(scan, name):
                told = span.text.layer in LAYERS or id(span.text) in strange
                if told and not (kind in OWN_KINDS and compact(span.matched) in signed):
                    mobile = kind == "phone" and span.matched.replace(" ", "").lstrip("+0(").startswith(("7", "447"))
                    found.setdefault(id(span.text), (span.text, []))[1].append(
                        (span.start, "mobile" if mobile else kind)
                    )
        return found

    def births(self, scan: Scan, now: int, marks: dict[int, tuple[Text, list[tuple[int, str]]]]) -> None:
        """Dates that are a birth by "born", or by standing right behind a name: "Mrs Price (07/09/1955) of"."""
        if not marks and not places(scan, "date_of_birth?"):
            return
        labelled = {(id(span.text), span.start) for span in places(scan, "date_of_birth")}
        born = {(id(span.text), span.start) for span in places(scan, "date_of_birth?")}
        if not scan.has("date_of_birth.number", LAYERS):
            return
        for span in islice(scan.spans("date_of_birth.number", LAYERS), MOST):
            key, age = (id(span.text), span.start), now - year_of(span.matched)
            if key in labelled or not birth_date(span.matched) or not 0 <= age <= LIFE:
                continue
            behind = span.text.folded[span.end : span.end + 8]
            if key in born:
                kind = CHILD if age < CHILDHOOD else BIRTH if self.told_of(span) else BORN
            elif age < CHILDHOOD and self.named_before(span.text, span.start, labelled=True):
                kind = CHILD
            elif age >= GROWN and not RANGE.search(behind) and self.named_before(span.text, span.start):
                kind = BIRTH if self.named_before(span.text, span.start, labelled=True) else BORN
            else:
                continue
            marks.setdefault(id(span.text), (span.text, []))[1].append((span.start, kind))

    def named_before(self, text: Text, place: int, *, labelled: bool = False) -> bool:
        """True where a name ends right before a place; on request, one that a form labels."""
        ahead = BORN_SHORT.sub("", ahead_of(text, place, 60))
        return any(
            0 <= len(ahead) - name.end <= 3 and (name.labelled or not labelled) for name in self.names.find(ahead)
        )

    def homes(self, scan: Scan, own: frozenset[str]) -> Iterable[Span]:
        """Where somebody lives, but not the member himself; a number that counts something else is no house's."""
        for span in self.spans(scan, "home", LAYERS):
            mine = self.contacts.own(span.text, span.start, span.end, own)
            if not mine and NO_PLACE.isdisjoint(span.matched.split()[2:]):
                yield span

    def contact(
        self, text: Text, found: list[tuple[int, str]], own: frozenset[str]
    ) -> tuple[Confidence, list[str]] | None:
        """What the text itself says is one private person's address, telephone or mail address."""
        contacts = (Contact(start, kind) for start, kind in found if kind in REACHES)
        kinds = self.contacts.private(text, contacts, own)
        return (Confidence.MEDIUM, ["name", *sorted(kinds)]) if kinds else None

    def told_of(self, span: Span) -> bool:
        """True where "born" and the date follow a name as a record writes them: a title, or a date in figures."""
        ahead = ahead_of(span.text, span.start, 60)
        figures = not any(map(str.isalpha, span.matched))
        if any(name.titled or figures for name in self.names.find(ahead) if len(ahead) - name.end <= 24):
            return True
        behind = around(span.text, span.end, span.end + 40, 0)
        return any(name.titled or figures for name in self.names.find(behind) if name.start <= 4)

    def passage(
        self, text: Text, found: list[tuple[int, str]], own: frozenset[str]
    ) -> tuple[Confidence, list[str]] | None:
        """The surest passage of one text: what stands within REACH characters after a mark."""
        found.sort()
        best: tuple[Confidence, list[str]] | None = None
        for index, (start, _) in enumerate(found[:200]):
            inside = [item for item in found[index : index + 12] if item[0] - start <= REACH]
            kinds = settled({kind for _, kind in inside})
            if best and best[0] is Confidence.HIGH:
                break
            grade, named = self.judge(text, start, inside[-1][0], kinds, own)
            if grade and (best is None or grade > best[0]):
                best = grade, ["name", *sorted(kinds)] if named else sorted(kinds)
        return best

    def judge(self, text: Text, start: int, end: int, kinds: set[str], own: frozenset[str]) -> tuple[Grade, bool]:
        """How sure the kinds of one passage make us, and whether a name stands there."""
        strong = kinds & set(STRONG.values())
        if len(strong) > 1 or (strong and BIRTH in kinds):
            return Confidence.HIGH, False
        if BIRTH in kinds and DOUBTFUL in kinds:
            return Confidence.MEDIUM, False
        if not kinds & {BIRTH, CHILD} and not strong and len(kinds - {DOUBTFUL}) < 2:
            return None, False
        passage = around(text, start, end, 160)
        telling = kinds & {BIRTH, CHILD} or strong
        names = list(self.names.find(passage)) if telling else self.contacts.others(passage, own)
        if not names:
            return (Confidence.MEDIUM if BIRTH in kinds and "address" in kinds else None), False
        if strong:
            return (
                Confidence.HIGH if len(kinds) > 1 else Confidence.MEDIUM if BIRTH in kinds else Confidence.LOW
            ), True
        if BIRTH in kinds:
            return (Confidence.HIGH if len(kinds) > 1 else Confidence.MEDIUM), True
        if CHILD in kinds:
            return Confidence.MEDIUM, True
        labelled = any(name.labelled for name in names)
        contacts = len(kinds & {"address", "phone", "mobile", "e-mail", "vehicle"})
        if "address" in kinds and (contacts > 1 or labelled):
            said = passage.lower()
            public = self.business.search(said) or self.contacts.of_office(said)
            return Confidence.LOW if public else Confidence.MEDIUM, True
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


def signature(mail: Mail, strange: frozenset[int]) -> str:
    """Letters and digits of the signatures in the mail that the sender's program set apart, but those of others."""
    texts = (text for text in mail.contents.texts if text.layer is Layer.SIGNATURE and id(text) not in strange)
    return compact("".join(text.folded for text in texts))


def settled(kinds: set[str]) -> set[str]:
    """A birth date by its place counts as one where a contact or number of the person stands by."""
    if kinds & {BORN, CHILD} and kinds - {BORN, CHILD, DOUBTFUL}:
        kinds = kinds - {BORN, CHILD} | {BIRTH}
    return kinds - {BORN}

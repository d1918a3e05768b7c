"""Finds lists of people: tables whose columns are people's data. Law: a name and something more about each, in rows.

Source: SEC-1 (lists, electoral roll extracts), LAW-8 (the hidden sheet of 9,483 people). Lists of companies, of
councillors and of officers at the council's own addresses are not private people's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, cast

from mailguard.mail.contents import Layer, Text
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.dates import year_of
from mailguard.matching.names import ahead_of
from mailguard.matching.scan import EVERYWHERE, Scan, Span
from mailguard.rules._identifier import places
from mailguard.rules._lines import APPLICATION, LONGEST, STREETS, Lines, people_lines
from mailguard.rules._tabular import Columns, People, Rows, tables_in
from mailguard.rules.rule import Options, Rule, Tools

LAYERS = EVERYWHERE - {Layer.SIGNATURE, Layer.DISCLAIMER}
CONTACT = frozenset({"phone", "e-mail"})
HOME = frozenset({"address", "postcode"})
PLAIN = frozenset({"name", "person", "age", "organisation", "office", "vehicle registration"}) | CONTACT | HOME
AGAINST = frozenset({"organisation", "office"})
ROWS_OF_TEXT = 3
LEAST_AGE, LIFE, MOST_LINES, AT_HEAD = 5, 105, 60, 30


class PeopleListOptions(Options):
    """From how many people a list of names with contact details alone counts as medium."""

    contacts: int = 5


class PeopleList(Rule):
    """One finding a table: how many people and which kinds of data. Count: the people."""

    name = "people_list"
    family = "personal_data"
    rank = 2
    source = "SEC-1; LAW-8"
    options_type = PeopleListOptions
    options: PeopleListOptions
    hits: ClassVar[tuple[str, ...]] = (
        "Name,Address,DOB\nAnn Brown,12 Mill Lane,12/04/1978\nJohn Price,3 High Street,01/02/1950\n"
        "Sara Ali,9 Hill Road,05/06/1990",
        "AB1-0101 Barlow, Ann M 1 Mill Road\nAB1-0102 Barlow, Peter 1 Mill Road\nAB1-0104 Platt, Susan 5 Mill Road",
        "Tilly Bax, 11, mum 07700 900111\nKian Fox, 12, dad 07700 900112\nZara Mal, 11, gran 07700 900113",
        "Surname;Forename;NI number\nBrown;Ann;JG103759A\nPrice;John;JG103760A",
        "| Enw | Cyfeiriad | Dyddiad geni |\n|---|---|---|\n| Ann Brown | 12 Heol y Parc | 12/04/1978 |\n"
        "| John Price | 3 Stryd Fawr | 01/02/1950 |",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Item,Amount,Date\nPaper,12.00,12/04/2024\nPens,3.00,13/04/2024\nInk,9.50,14/04/2024",
        "25/0311 Mrs J Nutt, 4 Elm Close, FY8 4AA\n25/0312 Mr L Cart, 2 Oak Road, FY8 4AB\n"
        "25/0313 Mr T Fox, 9 Oak Road, FY8 4AB",
        "Cllr Brown, Cllr Price, Cllr Ali\nCllr Jones, Cllr Hughes, Cllr Evans\nCllr King, Cllr Shah, Cllr Lee",
        "Councillor,Ward,Party,Email\nAnn Brown,Mill,A,a@x.gov.uk\nJohn Price,Hill,B,b@x.gov.uk\n"
        "Sara Ali,Park,C,c@x.gov.uk",
    )

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        names = frozenset(name for line in tools.words.get("first_names", ()) for name in line.split())
        table = cast("Mapping[str, Sequence[str]]", tools.data.get("columns", {}))
        self.columns, self.people = Columns(table, names), tools.names

    @property
    def patterns(self) -> Mapping[str, str]:
        """Two cells of a heading, or of a row, in a text."""
        cell = (
            r"(?:(?:full|first|last|given|family) ?)?name|surname|forename|given_?name|address|postcode|post code|dob"
            r"|date of birth|e-?mail|telephone|phone|mobile|enw|cyfenw|cyfeiriad"
        )
        return {
            "register": r"(?m:^\W{0,3}(?:[a-z]{1,3}\d{0,2}[ -]?)?\d{1,5}(?:/\d)?[.,]?[ \t]+[a-z'-]{2,20},? "
            rf"[a-z' -]{{2,24}},? \d{{1,4}}[a-z]? [a-z' ]{{2,30}}\b{STREETS}\b)",
            "heading": rf"(?m:(?:^|[,;\t|]|<t[dh]>)\W{{0,4}}(?:{cell})\W{{0,4}}[,;\t|<])",
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Tables of documents, then tables in texts that have no table of their own."""
        seen: set[str] = set()
        for table in mail.contents.tables:
            people = self.columns.read(table.rows)
            if people:
                seen.add(table.where)
                total = people.rows + max(0, table.total_rows - len(table.rows))
                yield from self.report(mail, where_of(table.where, table.hidden), people, total, table.rows)
        for text in self.candidates(scan, mail.at.year):
            if text.where in seen:
                continue
            tables = 0
            for rows in tables_in(text.content):
                people = self.columns.read(rows)
                if people:
                    told = tuple(self.report(mail, text.where, people, people.rows, rows))
                    tables += any(item.confidence > Confidence.LOW for item in told)
                    yield from told
            lines = None if tables else people_lines(text.content, self.people)
            if lines:
                yield self.of_lines(text.where, lines)

    def candidates(self, scan: Scan, now: int) -> Iterable[Any]:
        """Texts with a heading, with several places of personal data, or with dates or postcodes behind names."""
        found = {id(text): text for text in self.lined(scan, now)}
        if not scan.touches(self.name) and not scan.found("personal_data"):
            return found.values()
        for pattern in ("heading", "register"):
            if self.seen(scan, pattern, LAYERS):
                found.update({id(span.text): span.text for span in self.spans(scan, pattern, LAYERS)})
        counts: dict[int, int] = {}
        for name in ("postal_address", "date_of_birth", "phone_number", "email_address", "nino", "nhs_number"):
            for span in places(scan, name):
                counts[id(span.text)] = counts.get(id(span.text), 0) + 1
                if counts[id(span.text)] >= ROWS_OF_TEXT and span.text.layer in LAYERS:
                    found[id(span.text)] = span.text
        return found.values()

    def lined(self, scan: Scan, now: int) -> Iterable[Text]:
        """Texts in which lines that begin with a name go on to a postcode or a date of a past life."""
        for name in ("postal_address.postcode", "date_of_birth.number"):
            if not scan.has(name, LAYERS):
                continue
            spans: dict[int, list[Span]] = {}
            for span in islice(scan.spans(name, LAYERS), MOST_LINES):
                if name.startswith("postal") or LEAST_AGE <= now - year_of(span.matched) <= LIFE:
                    spans.setdefault(id(span.text), []).append(span)
            for places_here in spans.values():
                if self.named_lines(places_here):
                    yield places_here[0].text

    def named_lines(self, spans: Sequence[Span]) -> bool:
        """True where enough of the lines begin with a name; few are looked at where the first have none."""
        lines = {span.text.folded.rfind("\n", 0, span.start): span for span in spans}
        found = 0
        for looked, span in enumerate(lines.values()):
            ahead = ahead_of(span.text, span.start, LONGEST).rpartition("\n")[2]
            found += next((True for name in self.people.find(ahead) if name.start < AT_HEAD), False)
            if found >= ROWS_OF_TEXT:
                return True
            if looked >= 2 * ROWS_OF_TEXT and not found:
                return False
        return False

    def of_lines(self, where: str, lines: Lines) -> Finding:
        """The finding on people written a line each: less sure than columns."""
        sure = lines.count >= 2 * self.options.contacts or "date of birth" in lines.kinds
        grade = Confidence.HIGH if sure and "address" in lines.kinds else Confidence.MEDIUM
        return self.finding(
            where,
            grade,
            f"{lines.count:,} people, a line each: {', '.join(lines.kinds)}.",
            count=lines.count,
            kind="list",
        )

    def report(self, mail: Mail, where: str, people: People, total: int, rows: Rows) -> Iterable[Finding]:
        """The finding, if the columns are telling enough."""
        grade = self.grade(people, total)
        if grade is None or self.own_people(mail, people, rows):
            return
        if 2 * sum(APPLICATION.search(cell) is not None for row in rows for cell in row[:2]) >= total:
            grade = min(grade, Confidence.LOW)
        kinds = ", ".join(kind for kind in people.kinds if kind not in AGAINST and kind != "person")
        noun = "person" if total == 1 else "people"
        yield self.finding(where, grade, f"{total:,} {noun}: {kinds}.", count=total, kind="list")

    def grade(self, people: People, total: int) -> Confidence | None:
        """Telling columns: high. A home: medium, many: high. Contact details alone: by number."""
        kinds = frozenset(people.kinds)
        telling = kinds - PLAIN
        if telling:
            sure = "name" in kinds and people.headed and not (kinds & AGAINST and len(telling) < 2)
            return Confidence.HIGH if sure else Confidence.MEDIUM
        if "name" not in kinds or not kinds & (HOME | CONTACT):
            return None
        if kinds & AGAINST:
            return Confidence.LOW
        if kinds & HOME:
            return Confidence.HIGH if total >= 2 * self.options.contacts else Confidence.MEDIUM
        return Confidence.MEDIUM if total >= self.options.contacts else Confidence.LOW

    def own_people(self, mail: Mail, people: People, rows: Rows) -> bool:
        """True for officers, all of them at the council or other public bodies, and for the sender's own card."""
        if not set(people.kinds) <= PLAIN:
            return False
        cells = [cell.strip().lower() for row in rows[:200] for cell in row if "@" in cell]
        member = mail.sender.member
        if (
            people.rows == 1
            and cells
            and {member.address, *member.aliases, *member.private_addresses}.issuperset(cells)
        ):
            return True
        public = (*mail.council.domains, ".gov.uk", "gov.wales", "gov.scot", "nhs.uk", "police.uk", ".parliament.uk")
        return len(cells) > 1 and all(cell.rstrip(">").endswith(public) for cell in cells)


def where_of(where: str, hidden: str) -> str:
    """The place, with "(hidden)" where the table is or has hidden parts and the place does not say so."""
    return where if not hidden or "hidden" in where else f"{where} ({hidden})"

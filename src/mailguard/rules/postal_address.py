"""Finds full postal addresses: house, street and postcode. Law: alone it is low; several with names, medium.

Source: Royal Mail PAF digest (postcode areas and shapes); SEC-1 (birth date, name and address belong together).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import ClassVar

import re2

from mailguard.mail.contents import Layer
from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.identifiers import LIKE_POSTCODE, postcode_valid
from mailguard.matching.scan import EVERYWHERE, Scan, Span
from mailguard.rules._identifier import keep
from mailguard.rules._lines import APPLICATION
from mailguard.rules.rule import SELF, Rule

LAYERS = EVERYWHERE - {Layer.SIGNATURE, Layer.DISCLAIMER}
MANY = 3
REACH = 110
STREET = (
    r"(?:road|rd|street|st|avenue|ave|lane|ln|close|drive|dr|way|court|crescent|cres|place|terrace|gardens|grove|square"
    r"|hill|park|row|walk|mews|green|rise|view|bank|brow|fold|croft|meadows?|mount|vale|villas|chase|garth|heights|house"
    r"|flats?|cottages?|farm|parade|wharf|quay|yard|approach|side|end|gate|top|bottom|fields?|wood|common|cross|estate"
    r"|buildings|circus|esplanade|promenade|path|wynd|brae|edge|gdns|sq|pl|ct|cl|tce|terr"
    r"|heol|stryd|ffordd|lon|maes|clos|bryn)"
)
WELSH = (
    r"(?:heol|stryd|ffordd|lon|maes|clos|bryn|rhodfa|rhes|stad|parc|trem|llys|cwrt|tan y|pen y|min y|bron y)"
    r" [a-z' ]{2,30}"
)
FLAT = r"(?:(?:flat|apartment|apt|unit|room) )?(?:\d{1,4}[a-z]?,? )?"
HOUSE = re2.compile(
    rf"(?:^|[^\d/£$.])({FLAT}\d{{1,4}}[a-z]?,? (?:[a-z'.-]{{2,20}} ){{0,4}}{STREET}\b|\d{{1,4}}[a-z]?,? {WELSH})"
)
# A house by its name before a street; and a number before a street of one name ("96 Castlegate, Norwich").
BUILT = (
    r"(?:the )?(?:[a-z'-]{2,16} )?(?:cottage|house|barn|farm|farmhouse|lodge|villa|bungalow|grange|manor|stables"
    r"|hollies|willows|laurels|firs|elms|oaks|limes|gables|chimneys|hillcrest|fairview|sunnyside|woodside|lyndale|fernlea"
    r"|rosemount|ty newydd|tyddyn [a-z]{3,14})"
)
NAMED_HOUSE = re2.compile(rf"(?:^|[^a-z])({BUILT}[,\n] ?(?:[a-z'.-]{{2,20}} ){{0,4}}{STREET}\b)")
FLAT_OF = r"(?:(?:flat|apartment|apt|unit|room) \w{1,4},? )?"
PLACES = r"(?:[,\n]\s?[a-z'. -]{2,28}){1,4}[, \n]{0,3}$"
LOOSE = re2.compile(
    rf"(?:^|[^\d/£$.a-z])({FLAT_OF}(?:{BUILT}, )?\d{{1,4}}[a-z]?,? [a-z][a-z'.-]{{2,20}}(?: [a-z'.-]{{2,20}}){{0,2}})"
    rf"{PLACES}"
    rf"|(?:^|[^a-z])({FLAT_OF}{BUILT}[,\n] ?[a-z'. -]{{3,28}}){PLACES}"
    rf"|(?:^|[^\d/£$.a-z])({FLAT_OF}\d{{1,4}}[a-z]?,? (?:the )?[a-z'-]{{4,20}}) [a-z'-]{{3,20}},? $"
)
NAMED = re2.compile(r"\b(?:mr|mrs|ms|miss|mx|dr|rev)\.? [a-z]")


class PostalAddress(Rule):
    """A house and street within reach in front of a postcode."""

    name = "postal_address"
    family = "personal_data"
    source = "SEC-1; Royal Mail PAF"
    wakes = (SELF,)
    hits: ClassVar[tuple[str, ...]] = (
        "She lives at 12 Mill Lane, Ormskirk, Lancashire L39 1AA.",
        "Flat 2, 14 Station Road\nSouthampton\nSO14 2AB",
        "15 Heol y Parc, Caerdydd CF11 6JU",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Station Road, West Dereham PE33 9RR",
        "at 12 Mill Lane the bins were missed",
        "grid ref SD4567 in VA1 1AA",
    )

    @property
    def patterns(self) -> Mapping[str, str]:
        """The postcode; the street is looked for only before one."""
        return {"postcode": rf"\b{LIKE_POSTCODE}\b"}

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Distinct house-and-postcode pairs by place."""
        if not self.seen(scan, "postcode", LAYERS):
            return
        found: dict[str, set[str]] = defaultdict(set)
        kept: list[Span] = []
        named: dict[str, int] = defaultdict(int)
        for span in self.spans(scan, "postcode", LAYERS):
            house = house_before(span)
            if house:
                ahead = span.text.folded[max(0, span.start - REACH - 60) : span.start]
                key = f"{house} {span.matched}"
                named[span.text.where] += key not in found[span.text.where] and NAMED.search(ahead) is not None
                kept.append(span)
                found[span.text.where].add(key)
        keep(scan, self.name, kept)
        for where, addresses in found.items():
            count = len(addresses)
            listed = sum(len(APPLICATION.findall(text.folded)) for text in mail.contents.texts if text.where == where)
            grade = Confidence.MEDIUM if named[where] >= MANY and listed < count else Confidence.LOW
            yield self.finding(
                where, grade, f"{count} full postal address{'' if count == 1 else 'es'}.", things=addresses
            )


def house_before(span: Span) -> str:
    """The last house-and-street before a postcode, or ""."""
    if not postcode_valid(span.matched):
        return ""
    ahead = span.text.folded[max(0, span.start - REACH) : span.start]
    start, end = _last_house(ahead)
    return ahead[start:end]


def house_at(ahead: str) -> int:
    """Where the house begins that stands last in front of a postcode; at the end where there is none."""
    return _last_house(ahead)[0]


def _last_house(ahead: str) -> tuple[int, int]:
    """Where the house and street begin and end; both at the end of the text where there is none."""
    # Where no word of a town or street stands right before the postcode, only a numbered house in a street counts.
    town = ahead.rstrip(" ,\n.").rpartition(" ")[2].rpartition("\n")[2]
    placed = not any(map(str.isdigit, town))
    for expression in (HOUSE, NAMED_HOUSE) if placed else (HOUSE,):
        if houses := list(expression.finditer(ahead)):
            start, end = houses[-1].span(1)
            return start, end
    loose = LOOSE.search(ahead) if placed else None
    spans = (loose.span(group) for group in range(1, loose.re.groups + 1)) if loose else ()
    return next((span for span in spans if span[0] >= 0), (len(ahead), len(ahead)))

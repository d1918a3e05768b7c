"""Where a house and street stand in front of a postcode. Law: a postcode alone is nobody's home.

Source: Royal Mail PAF digest (house, street, town, postcode in this order).
"""

from __future__ import annotations

import re2

from mailguard.matching.dates import MONTHS
from mailguard.matching.identifiers import postcode_valid
from mailguard.matching.scan import Span

REACH = 110
STREET = (
    r"(?:road|rd|street|st|avenue|ave|lane|ln|close|drive|dr|way|court|crescent|cres|place|terrace|gardens|grove|square"
    r"|hill|park|row|walk|mews|green|rise|view|bank|brow|fold|croft|meadows?|mount|vale|villas|chase|garth|heights|house"
    r"|flats?|cottages?|farm|parade|wharf|quay|yard|approach|side|end|gate|top|bottom|fields?|wood|common|cross|estate"
    r"|buildings|circus|esplanade|promenade|path|wynd|brae|edge|gdns|sq|pl|ct|cl|tce|terr"
    r"|gates|broadway|boulevard|blvd|lea|leys|dale|dene|hey|nook|ings|spinney|copse|coppice|paddocks?|orchard|warren|links"
    r"|hollow|glen|glade|heath|leas|acres?|knoll|mere|moor|springs?|mill|hurst|bower|loan|vennel|lodge|maltings|parkway"
    r"|haven|lawns?|oval|ropewalk|castlegate"
    r"|heol|stryd|ffordd|lon|maes|clos|bryn)"
)
WELSH = (
    r"(?:heol|stryd|ffordd|lon|maes|clos|bryn|rhodfa|rhes|stad|parc|trem|llys|cwrt|tan y|pen y|min y|bron y)"
    r" [a-z' ]{2,30}"
)
FLAT = r"(?:(?:flat|apartment|apt|unit|room) )?(?:\d{1,4}[a-z]?,? )?"
HOUSE = re2.compile(
    rf"(?:^|[^\d/£$.])({FLAT}\d{{1,4}}[a-z]?(?: \([a-z0-9/]{{2,5}}\))?,? (?:[a-z'.-]{{2,20}} ){{0,4}}{STREET}\b"
    rf"|\d{{1,4}}[a-z]?,? {WELSH})"
)
# A house by its name before a street; and a number before a street of one name ("96 Castlegate, Norwich").
GROWS = (
    "(?:meadow|valley|moor|hill|fell|lake|river|orchard|brook|church|castle|pleasant|forest|rock|stone|briar|rose|holly|oak"
    "|ash|elm|thorn|fern|heather|hazel|laurel|apple|cherry|willow|beech|cedar|pine|ivy|sunny|west|east|north|south|little"
    "|lower|higher|upper|high|low|spring)"
)
BUILT = (
    r"(?:the )?(?:[a-z'-]{2,16} )?(?:cottage|house|barn|farm|farmhouse|lodge|villa|bungalow|grange|manor|stables"
    r"|hollies|willows|laurels|firs|elms|oaks|limes|gables|chimneys|hillcrest|fairview|sunnyside|woodside|lyndale"
    r"|fernlea|rosemount|(?:ty|bryn|plas|tyddyn|pen|llys|hafod|fferm|cae|glan|nant|llwyn|gwel|cefn|maes) [a-z' -]{3,20}"
    r"|[a-z]{3,10}-y-[a-z]{3,12}|pen-?(?:rhiw|lan|parc|coed)|(?:the )?old [a-z]{4,12}"
    rf"|{GROWS} ?(?:view|end|bank|rise|croft|mead|nook|thatch|paddocks?|garth|fold|top|mount|dene|wood))"
)
# What is hardly ever a public building: one place behind it is enough ("Higher Barn Farm, Slaidburn, BB7 ...").
LONELY = (
    r"(?:(?:[a-z'-]{2,16} ){1,3}(?:cottage|barn|farm|farmhouse|bungalow|stables|forge|smithy)"
    r"|(?:ty|tyddyn|hafod|fferm|llys|plas) [a-z]{3,14}|bryn (?:awel|glas|hyfryd|mawr|teg|coed|golau|siriol|celyn|derw)"
    r"|pen-y-[a-z]{3,12})"
)
# A word that leads to a house, and is no part of its name.
LEADING = re2.compile(r"^(?:are |is )?(?:at|to|for|from|of|in|is|are|near) ")
NAMED_HOUSE = re2.compile(rf"(?:^|[^a-z])({BUILT}[,\n] ?(?:[a-z'.-]{{2,20}} ){{0,4}}{STREET}\b)")
FLAT_OF = r"(?:(?:flat|apartment|apt|unit|room) \w{1,4},? )?"
PLACES = r"(?:[,\n]\s?[a-z'. -]{2,28}){1,4}[, \n]{0,3}$"
LOOSE = re2.compile(
    rf"(?:^|[^\d/£$.a-z])({FLAT_OF}(?:{BUILT}, )?\d{{1,4}}[a-z]?,? [a-z][a-z'.-]{{2,20}}(?: [a-z'.-]{{2,20}}){{0,2}})"
    rf"{PLACES}"
    rf"|(?:^|[^a-z])({FLAT_OF}{BUILT}[,\n] ?[a-z'. -]{{3,28}}){PLACES}"
    rf"|(?:^|[^a-z])({LONELY}),? [a-z' -]{{3,28}}[, \n]{{0,3}}$"
    rf"|(?:^|[^\d/£$.a-z])({FLAT_OF}\d{{1,4}}[a-z]?,? (?:the )?[a-z'-]{{4,20}}) [a-z'-]{{3,20}},? $"
    rf"|(?:^|[^\d/£$.a-z-])({FLAT_OF}\d{{1,4}}[a-z]?,? [a-z'-]{{5,20}}(?: [a-z'-]{{4,20}}){{0,1}}),? ?\n?$"
    rf"|(?:^|[^\d/£$.a-z-])({FLAT_OF}\d{{1,4}}[a-z]?,? [a-z'-]{{3,20}}(?: [a-z'-]{{2,20}}){{1,4}}),? $"
)
# "At 10 the committee drove to", "on 14 June": a number and words, but no house.
COUNTED = re2.compile(
    r"\b(?:item|page|para|section|bus|route|lot|stand|stall|band|ward|minute|appendix|agenda|grade|no of)\W{1,2}$"
)
NO_STREET = re2.compile(
    rf"^\d+ (?:{MONTHS}|am|pm|days?|weeks?|months?|years?|people|homes|houses|garages|members|times|units?)\b"
    r"|\b(?:at|to|for|is|was|were|has|have|had|and|with|from|by|near|that|this|which|will|met|in (?:the|a))\b"
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
    start, end = next((span for span in spans if span[0] >= 0), (len(ahead), len(ahead)))
    leading = LEADING.match(ahead[start:end])
    start += leading.end() if leading else 0
    no_house = NO_STREET.search(ahead[start:end]) or COUNTED.search(ahead[:start])
    return (len(ahead), len(ahead)) if no_house else (start, end)
